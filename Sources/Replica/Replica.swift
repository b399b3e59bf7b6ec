public import Fleet
public import Primitives
public import Raft
import Reconcile
import Wire

/// One node of a cluster as a value: what happens to it goes in, what it does comes out.
///
/// It composes consensus, the fleet and the loops, and holds every rule of a node. The agent performs its effects with
/// the real disk, mesh and driver, the simulator with simulated ones; neither adds a rule. It reads no clock: each
/// input comes with the monotonic and the civil time at which it happened.
public struct Replica: Sendable {
    /// Who this node is; fixed when it was made or joined.
    public struct Identity: Equatable, Sendable {
        public var id: NodeID
        public var key: PublicKey
        public var clusterID: String

        public init(id: NodeID, key: PublicKey, clusterID: String) {
            self.id = id
            self.key = key
            self.clusterID = clusterID
        }
    }

    public let identity: Identity
    public let snapshotPolicy: SnapshotPolicy
    public internal(set) var fleet: Fleet
    var raft: RaftNode
    var softState = SoftState(leader: nil, role: .follower)
    /// What the journal was last given of what a node must never take back.
    var durablePromise: Promise
    /// A commit index that the journal has not been given.
    var unwrittenCommit: LogIndex?
    /// Set when that must not wait: a membership has changed.
    var mustWriteCommit = false
    var appendsInFlight = AppendsInFlight()
    var openLog = OpenLog()

    /// The moments of the input that is being handled.
    var now: Instant
    var wall: WallTime
    var effects: [ReplicaEffect] = []
    var generator: SeededGenerator

    // Callers that wait.
    var proposals: [RequestID: PendingProposal] = [:]
    var batch = ProposalBatch()
    var reads = PendingReads()

    // What the mesh says, and what the leader counts.
    var peers: [NodeID: PeerObservation] = [:]
    var lastHeard: [NodeID: Instant] = [:]
    /// Members that have sent something since this node was last elected.
    var heardSinceElection: Set<NodeID> = []
    var received: ReceivedLiveness?
    var duties: LeaderDuties?

    // What this node runs.
    var machines: MachineLoop
    var reporter = Reporter()
    var facts: NodeFacts?
    var snapshotInFlight = false
    /// Set when one could not be stored: encoding the whole state with every entry would not mend the disk.
    var snapshotNotBefore: Instant?
    var bytesSinceSnapshot = 0
    var receivedSnapshots: [ReceivedSnapshot] = []
    /// Set while the log can't grow.
    var shortage: DiskShortage?
    /// Tells this run's questions from those of earlier ones.
    let readNonce: UInt64
    /// The name under which the loops follow the fleet.
    var followedName: String?
    var isStopped = false
    /// Messages of members that no correct member sends.
    public internal(set) var refusedMessages: UInt64 = 0

    /// - Parameters:
    ///   - storage: What the journal recovered. Entries up to its commit index are applied again by the first inputs.
    ///   - fleet: The state of the storage's snapshot; an empty one if there is none.
    ///   - seed: Decides election timeouts and request ids, and must differ between nodes and runs.
    public init(
        identity: Identity, storage: MemoryStorage, fleet: Fleet, seed: UInt64, now: Instant, wall: WallTime,
        snapshotPolicy: SnapshotPolicy = .standard
    ) {
        self.identity = identity
        self.snapshotPolicy = snapshotPolicy
        self.fleet = fleet
        self.now = now
        self.wall = wall
        var generator = SeededGenerator(seed: seed)
        readNonce = generator.next()
        var configuration = Configuration(
            id: identity.id, electionTicks: ReplicaTiming.electionTicks, heartbeatTicks: ReplicaTiming.heartbeatTicks)
        configuration.asynchronousStorageWrites = true
        configuration.checkQuorum = true
        configuration.preVote = true
        configuration.stepDownOnRemoval = true
        configuration.disableProposalForwarding = true
        configuration.maxBytesPerMessage = 1 << 20
        configuration.maxCommittedBytesPerReady = 8 << 20
        configuration.maxUncommittedBytes = 64 << 20
        configuration.maxInflightMessages = 128
        // Less than the mesh lets wait for a peer: what is sent ahead of its acknowledgement must not be dropped here.
        configuration.maxInflightBytes = 16 << 20
        configuration.snapshotTicks = ReplicaTiming.snapshotTicks
        configuration.applied = LogIndex(fleet.appliedIndex)
        durablePromise = Promise(term: storage.hardState.term, vote: storage.hardState.vote)
        raft = RaftNode(configuration: configuration, storage: storage, generator: generator.split())
        self.generator = generator
        machines = MachineLoop(revision: fleet.revision)
        // An index that the snapshot has passed holds nothing that is open.
        let open = try? raft.storage.entries(raft.storage.compacted.index.next, raft.lastIndex.next, maxBytes: .max)
        openLog.append((open ?? []).filter { $0.index.rawValue > fleet.appliedIndex })
        adoptFleet()
        drain()
    }

    /// Term and vote.
    struct Promise: Equatable, Sendable {
        var term: Term
        var vote: NodeID?
    }

    /// Takes what has happened since the last step, in its order, and answers what is to be done, in order.
    ///
    /// Everything that came together is answered together: writes share one append and one message to each member.
    ///
    /// - Parameters:
    ///   - now: Never earlier than with the inputs before.
    ///   - wall: Civil time; may jump.
    public mutating func step(_ inputs: [ReplicaInput], now: Instant, wall: WallTime) -> [ReplicaEffect] {
        precondition(now >= self.now, "time went back from \(self.now) to \(now)")
        guard !isStopped else { return [] }
        self.now = now
        self.wall = wall
        for input in inputs where !isStopped { handle(input) }
        drain()
        defer { effects.removeAll(keepingCapacity: true) }
        return effects
    }

    public mutating func step(_ input: ReplicaInput, now: Instant, wall: WallTime) -> [ReplicaEffect] {
        step([input], now: now, wall: wall)
    }

    private mutating func handle(_ input: ReplicaInput) {
        switch input {
        case .tick: tick()
        case .message(let from, let message): receive(message, from: from)
        case .unreachable(let node): raft.reportUnreachable(node)
        case .peers(let observations): peers = observations
        case .appended(let work): appended(work)
        case .snapshotSaved(let snapshot): compact(behind: snapshot)
        case .snapshotFailed:
            snapshotInFlight = false
            snapshotNotBefore = now + ReplicaTiming.snapshotRetryMilliseconds
            // It is due still, however little comes until then.
            bytesSinceSnapshot += snapshotPolicy.bytes
        case .snapshotReceived(let node, let message, let fleet): snapshotReceived(message, fleet, from: node)
        case .snapshotSent(let node, let index, let isDelivered):
            snapshotSent(to: node, index: index, isDelivered: isDelivered)
        case .write(let waiter, let submission): submit(submission, for: waiter)
        case .read(let waiter): reads.arrived.append(PendingReads.Read(waiter: waiter, deadline: readDeadline))
        case .observedAll(let observations): observeAll(observations)
        case .observed(let observation): observe(observation)
        case .machineChanged(let uid): lookAgain(uid)
        case .machineDone(let uid, let failure, let observation): workDone(uid, failure, observation)
        case .image(let order, let holding): imageChanged(order, holding)
        case .diskShort(let isShort): diskShort(isShort)
        case .facts(let facts):
            self.facts = facts
            reporter.nodeIsDirty = true
        case .request(let request, let uid, let waiter): take(request, of: uid, for: waiter)
        case .haltMachines: haltMachines()
        case .handOver: handLeadershipOver()
        }
    }

    private mutating func tick() {
        raft.tick()
        diskTick()
        expireProposals()
        // A leader may have been elected anew without having been seen to go, or have refused before it knew that it leads.
        handOverOpenWrites()
        expireReads()
        dutiesTick()
        shortageTick()
        considerSnapshot()
        machinesTick()
    }

    /// Runs consensus and the loops until nothing moves by itself any more.
    private mutating func drain() {
        // Every round needs a Ready of the core, and each of those hands on work that was there: it ends.
        repeat {
            drainRaft()
            startReadRound()
            performDuties()
            runMachines()
            report()
            answerRequests()
        } while raft.hasReady && !isStopped
    }

    /// Makes a leader let go of its office without a reason, as simulated clusters must stand.
    package mutating func resign(now: Instant, wall: WallTime) -> [ReplicaEffect] {
        raft.resign()
        return step([], now: now, wall: wall)
    }

    /// Bytes of the log that are not applied, all of which the next input may cause to be.
    public var openLogBytes: Int { openLog.bytes }

    var readDeadline: Instant { now + ReplicaTiming.readMilliseconds }

    /// This node's name, once the cluster's state that it has applied knows it.
    public var name: String? { fleet.member(key: identity.key)?.name }

    public var leader: NodeID? { softState.leader }
    public var role: Role { softState.role }
    public var term: Term { raft.term }

    func memberID(_ id: UInt64) -> NodeID { NodeID(id) }
}
