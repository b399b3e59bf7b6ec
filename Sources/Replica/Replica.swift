public import Fleet
public import Primitives
public import Raft

/// One node of a cluster as a value: what happens to it goes in, what it does comes out.
///
/// It is composed of parts, each of which owns its state and its verbs: consensus, snapshots, liveness of the members,
/// writes, reads, the loop of machines, the reporter and the leader's duties. The replica itself hands each input to
/// the part that it is for, and what one part answers to the other that is to hear of it, so that effects come in their
/// order.
///
/// The agent performs its effects with the real disk, mesh and driver, the simulator with simulated ones; neither adds
/// a rule. It reads no clock: each input comes with the monotonic and the civil time at which it happened.
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

    /// Fixed for the whole run.
    public let identity: Identity
    /// The state, as far as entries are applied or a leader's snapshot was taken; changed by these two alone.
    public internal(set) var fleet: Fleet
    /// Of the input that is being handled, or was last.
    var moment: Moment
    /// What the inputs since the last answer bring about; nothing between steps.
    var effects = Effects()
    /// Draws request ids.
    var generator: SeededGenerator

    // The parts; each says what it owns.
    var consensus: Consensus
    var snapshots: Snapshots
    var liveness: PeerLiveness
    var writes: Writes
    var reads: Reads
    var machines: MachineLoop
    var reporter: Reporter
    /// There exactly while this node leads and has applied an entry of its own term.
    var duties: LeaderDuties?

    /// - Parameters:
    ///   - storage: What the journal recovered. Entries up to its commit index are applied again by the first inputs.
    ///   - fleet: The state of the storage's snapshot; an empty one if there is none.
    ///   - seed: Decides election timeouts and request ids, and must differ between nodes and runs.
    public init(
        identity: Identity, storage: MemoryStorage, fleet: Fleet, seed: UInt64, now: Instant, wall: WallTime,
        snapshotPolicy: SnapshotPolicy = .standard
    ) {
        self.identity = identity
        self.fleet = fleet
        moment = Moment(now: now, wall: wall)
        var generator = SeededGenerator(seed: seed)
        reads = Reads(node: identity.id, nonce: generator.next())
        consensus = Consensus(
            id: identity.id, storage: storage, applied: LogIndex(fleet.appliedIndex), generator: generator.split())
        self.generator = generator
        snapshots = Snapshots(policy: snapshotPolicy)
        liveness = PeerLiveness(own: identity.id)
        writes = Writes(identity: identity)
        machines = MachineLoop(revision: fleet.revision)
        reporter = Reporter(identity: identity)
        adoptState()
        drain()
    }

    /// Takes what has happened since the last step, in its order, and answers what is to be done, in order.
    ///
    /// Everything that came together is answered together: writes share one append and one message to each member.
    ///
    /// - Parameters:
    ///   - now: Never earlier than with the inputs before.
    ///   - wall: Civil time; may jump.
    public mutating func step(_ inputs: [ReplicaInput], now: Instant, wall: WallTime) -> [ReplicaEffect] {
        precondition(now >= moment.now, "time went back from \(moment.now) to \(now)")
        guard !effects.isStopped else { return [] }
        moment = Moment(now: now, wall: wall)
        for input in inputs where !effects.isStopped { handle(input) }
        drain()
        return effects.take()
    }

    public mutating func step(_ input: ReplicaInput, now: Instant, wall: WallTime) -> [ReplicaEffect] {
        step([input], now: now, wall: wall)
    }

    /// Makes a leader step down without a reason, as simulated clusters must stand.
    package mutating func resign(now: Instant, wall: WallTime) -> [ReplicaEffect] {
        consensus.resign()
        return step([], now: now, wall: wall)
    }
}
