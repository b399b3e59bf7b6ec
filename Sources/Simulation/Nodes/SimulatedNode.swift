import DiskFaults
import Hypervisor
import Primitives
import Raft
import Replica

/// A host with its disk and machines, and the agent that runs there, if it does.
struct SimulatedNode {
    /// What dies with the process.
    struct Agent {
        var run: AgentRun
        var replica: Replica
        var journal: SimulatedJournal
        /// Stopped from outside: what comes in waits.
        var isPaused = false
        /// Its clock tells it nothing.
        var ticksAreStalled = false
        /// What came in and was not taken yet.
        var inbox: [ReplicaInput] = []
        /// Since when the journal has been at what it does; nil while it is idle.
        var writingSince: Instant?
        var asksForSpace = false
        /// What the node was told last.
        var isShortOfSpace = false
        /// What the journal is at found none.
        var waitsForRoom = false
        /// What must not go back within a run.
        var highestTerm = Term.zero
        var highestCommit = LogIndex.zero
    }

    let identity: Replica.Identity
    /// By which machines are bound to it. It may have been another node's before.
    let name: String
    /// The disk while no agent runs.
    var image: DiskImage
    /// What the disk holds for certain.
    var durable: DurableLog
    /// What it holds instead if the work at hand when the agent ended was done.
    var durableIfDone: DurableLog?
    var machines: SimulatedMachines
    var agent: Agent?
    var runs = 0
    var clock = NodeClock()
    /// How far the host's civil time is off.
    var wallOffset: Int64 = 0
    var diskIsSlow = false
    /// The bytes that all files together may have while the disk is full.
    var capacity: Int?
    /// Switched off for good.
    var isRetired = false
    /// Its log was refused at a start; it waits for its operator.
    var isRefused = false

    init(
        identity: Replica.Identity, name: String, image: DiskImage, durable: DurableLog, machines: SimulatedMachines
    ) {
        self.identity = identity
        self.name = name
        self.image = image
        self.durable = durable
        self.machines = machines
    }

    var isUp: Bool { agent != nil }
}
