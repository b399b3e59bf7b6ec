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
        /// Stalled: what comes in waits.
        var isPaused = false
        var inbox: [ReplicaInput] = []
        /// Since when the journal has been at what it does; nil while it is idle.
        var writingSince: Instant?
        /// What must not go back within a run.
        var highestTerm = Term.zero
        var highestCommit = LogIndex.zero
    }

    let identity: Replica.Identity
    /// The disk while no agent runs.
    var image: DiskImage
    var machines: SimulatedMachines
    var agent: Agent?
    var runs = 0
    /// How far the host's civil time is off.
    var wallOffset: Int64 = 0
    var diskIsSlow = false
    /// The highest term for which the node has given its word to others; a restart must not go behind it.
    var promisedTerm = Term.zero
    /// The last vote that the node has told anybody.
    var promisedVote: (term: Term, candidate: NodeID)?

    init(identity: Replica.Identity, image: DiskImage, machines: SimulatedMachines) {
        self.identity = identity
        self.image = image
        self.machines = machines
    }

    var isUp: Bool { agent != nil }
}
