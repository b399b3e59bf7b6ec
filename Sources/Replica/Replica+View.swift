public import Fleet
public import Primitives
public import Raft
public import Reconcile
import Wire

/// What is known at this moment of one member, joined into what readers get and never stored.
public struct MemberLife: Equatable, Sendable {
    /// Milliseconds since the leader heard from it, or this node while none leads; nil if never.
    public var silentMilliseconds: Int64?
    public var isConnected: Bool
    /// Entries that it is behind the leader; nil where that is not known.
    public var lag: UInt64?
    public var isReady: Bool
}

// What the shell may look at between inputs.
extension Replica {
    /// This node's name, once the cluster's state that it has applied knows it.
    public var name: String? { fleet.member(key: identity.key)?.name }

    public var leader: NodeID? { consensus.softState.leader }
    public var role: Role { consensus.softState.role }
    public var term: Term { consensus.term }
    public var commitIndex: LogIndex { consensus.raft.commitIndex }
    /// Members that count for a quorum.
    public var voterIDs: [NodeID] { consensus.voters }
    /// How many of them are this node or connected to it.
    public var connectedVoterCount: Int { liveness.connectedCount(of: consensus.voters) }
    public var snapshotPolicy: SnapshotPolicy { snapshots.policy }
    /// Bytes of the log that are not applied, all of which the next input may cause to be.
    public var openLogBytes: Int { consensus.openLog.bytes }
    /// Messages of members that no correct member sends.
    public var refusedMessages: UInt64 { consensus.refusedMessages }
    /// Whether this node takes no entries and no snapshots at the moment.
    public var isShortOfDisk: Bool { consensus.isShortOfDisk }
    /// A leader is known, and a state that a quorum confirmed since the start has been applied.
    public var isCaughtUp: Bool { machines.isCaughtUp }
    public var isHalting: Bool { machines.isHalting }

    /// Members' lives by name.
    public func lives(now: Instant) -> [String: MemberLife] {
        var lives: [String: MemberLife] = [:]
        for member in fleet.members {
            let id = NodeID(member.id)
            let silent = liveness.silence(of: id, seenBy: consensus.softState, at: now)
            lives[member.name] = MemberLife(
                silentMilliseconds: silent, isConnected: liveness.isConnected(id, silent: silent),
                lag: knownLag(of: id), isReady: silent.map { $0 < NodeLife.silenceMilliseconds } ?? false)
        }
        return lives
    }

    /// Whether a plan that is made here may count on a node for new machines: where this node leads exactly as its own
    /// loop does, elsewhere by what the leader last told.
    public func takesMachines(_ name: String, now: Instant) -> Bool {
        guard role == .leader else { return lives(now: now)[name]?.isReady ?? false }
        return fleet.member(name: name).map { liveness.isReady(NodeID($0.id), at: now) } ?? false
    }

    private func knownLag(of id: NodeID) -> UInt64? {
        role == .leader ? consensus.lag(of: id) : liveness.toldLag(of: id)
    }

    /// Why this node should be asked nothing at the moment, if another can be; nil if it is ready.
    public var unreadiness: String? {
        if isHalting { return "this node is stopping its machines" }
        if isShortOfDisk { return "the disk has no room for the log: this node takes no entries" }
        if leader == nil { return "no leader is known" }
        if !isCaughtUp { return "the state has not been confirmed since the node started" }
        if let lag = knownLag(of: identity.id), lag > Self.readyLag {
            return "this node is \(lag) entries behind the leader"
        }
        return nil
    }

    /// Entries that a node may be behind and still be ready: what comes between two looks of the leader, and more.
    private static let readyLag: UInt64 = 1000

    /// What this node answers to a request for a machine; nil if the machine is not one of this node's.
    public func verdict(on request: MachineRequest, of uid: UID) -> RequestVerdict? {
        machines.machines[uid]?.verdict(on: request, isHalting: machines.isHalting)
    }

    /// What this node saw of its machines, for plans.
    public func observations(now: Instant) -> NodeObservations {
        machines.observations(at: now, in: fleet)
    }

    /// Machines of this host that are not bound to this node.
    public var unknownMachines: [UID] { machines.strangers.keys.sorted() }

    /// The state hash of this replica at ``Fleet/appliedIndex``.
    public var stateHash: UInt64 { fleet.stateHash }

    /// The entries after one index up to another that this node has applied; nil if they are cut from its log.
    package func appliedEntries(after start: LogIndex, through end: LogIndex) -> [Entry]? {
        precondition(end.rawValue <= fleet.appliedIndex, "entry \(end) is not applied, only \(fleet.appliedIndex)")
        guard start < end else { return [] }
        // A log that is cut behind the start is an answer here, not a failure.
        return (try? consensus.raft.storage.entries(start.next, end.next, maxBytes: .max)).map { Array($0) }
    }

    /// The first entry of a new cluster: the log holds it as committed before the first node starts.
    public static func foundingEntry(_ bootstrap: Bootstrap, stamp: WallTime, request: RequestID) -> Entry {
        let envelope = CommandEnvelope(stamp: stamp, author: bootstrap.adminKey, command: .bootstrap(bootstrap))
        let change = ConfChangeV2(
            changes: [.addVoter(NodeID(bootstrap.member.id))],
            context: LogRecord(request: request, envelope: envelope).bytes)
        return Entry(term: Term(1), index: LogIndex(1), kind: .membership, data: change.encoded())
    }

    /// What a plan that is made at this node, at this moment, is made from besides what the nodes tell.
    public func planBasis(now: Instant) -> PlanBasis {
        var connections: [String: PeerObservation] = [:]
        for member in fleet.members { connections[member.name] = liveness.connections[NodeID(member.id)] }
        return PlanBasis(
            fleet: fleet, local: name ?? "",
            ready: Set(fleet.members.map(\.name).filter { takesMachines($0, now: now) }), peers: connections)
    }
}
