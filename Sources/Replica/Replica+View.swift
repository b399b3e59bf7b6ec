public import Fleet
public import Primitives
public import Raft
public import Reconcile
import Wire

/// What is known at this moment of one member, joined into what readers get and never stored.
public struct MemberLife: Equatable, Sendable {
    /// Milliseconds since the leader heard from it, or this node while nobody leads; nil if never.
    public var silentMilliseconds: Int64?
    public var isConnected: Bool
    /// Entries that it is behind the leader; nil where that is not known.
    public var lag: UInt64?
    public var isReady: Bool
}

// What the shell may look at between inputs.
extension Replica {
    /// Members' lives by name.
    public func lives(now: Instant) -> [String: MemberLife] {
        var lives: [String: MemberLife] = [:]
        for member in fleet.members {
            let id = memberID(member.id)
            let silent = silence(of: id, now: now)
            lives[member.name] = MemberLife(
                silentMilliseconds: silent, isConnected: isConnected(id, silent: silent),
                lag: knownLag(of: id), isReady: silent.map { $0 < NodeLife.silenceMilliseconds } ?? false)
        }
        return lives
    }

    /// Whether a plan that is made here may count on a node for new machines: where this node leads exactly as its own
    /// loop does, elsewhere by what the leader last told.
    public func takesMachines(_ name: String, now: Instant) -> Bool {
        if softState.role == .leader { return isReady(name, now: now) }
        return lives(now: now)[name]?.isReady ?? false
    }

    /// Members that count for a quorum.
    var voters: [NodeID] { raft.confState.voters }

    /// This node and the voters that it has heard lately.
    var connectedVoters: Int {
        voters.count { id in
            id == identity.id || peers[id]?.isConnected == true
        }
    }

    /// Whether a member is there at this moment, as far as this leader has seen itself: the patience that a new leader has
    /// with the silent does not count.
    func answers(_ id: NodeID) -> Bool {
        if id == identity.id || peers[id]?.isConnected == true { return true }
        return heardSinceElection.contains(id) && lastHeard[id].map { now - $0 < Self.freshMilliseconds } ?? false
    }

    /// What the mesh said last, or something that came since.
    private func isConnected(_ id: NodeID, silent: Int64?) -> Bool {
        id == identity.id || peers[id]?.isConnected == true || silent.map { $0 < Self.freshMilliseconds } ?? false
    }

    /// Twice the time between two looks at the mesh.
    private static let freshMilliseconds: Int64 = 2000

    private func silence(of id: NodeID, now: Instant) -> Int64? {
        if id == identity.id { return 0 }
        if softState.role != .leader, softState.leader != nil, let received,
            now - received.at < NodeLife.silenceMilliseconds
        {
            if received.liveness.leader == id.rawValue { return lastHeard[id].map { now - $0 } }
            if let told = received.liveness.nodes.first(where: { $0.id == id.rawValue }) {
                let (silent, isNever) = told.silentMilliseconds.addingReportingOverflow(now - received.at)
                return isNever || told.silentMilliseconds == .max ? nil : silent
            }
        }
        let own = [lastHeard[id].map { now - $0 }, peers[id]?.silentMilliseconds].compactMap { $0 }
        return own.min()
    }

    private func knownLag(of id: NodeID) -> UInt64? {
        if softState.role == .leader { return lag(of: id) }
        return received?.liveness.nodes.first { $0.id == id.rawValue }?.lag
    }

    public var voterIDs: [NodeID] { voters }
    public var connectedVoterCount: Int { connectedVoters }
    public var commitIndex: LogIndex { raft.commitIndex }
    /// A leader is known, and a state that a quorum confirmed since the start has been applied.
    public var isCaughtUp: Bool { machines.isCaughtUp }
    public var isHalting: Bool { machines.isHalting }

    /// Why this node should be asked nothing at the moment, if another can be; nil if it is ready.
    public var unreadiness: String? {
        if machines.isHalting { return "this node is stopping its machines" }
        if shortage != nil { return "the disk has no room for the log: this node takes no entries" }
        if softState.leader == nil { return "no leader is known" }
        if !machines.isCaughtUp { return "the state has not been confirmed since the node started" }
        if let lag = knownLag(of: identity.id), lag > Self.readyLag {
            return "this node is \(lag) entries behind the leader"
        }
        return nil
    }

    /// Entries that a node may be behind and still be ready: what comes between two looks of the leader, and more.
    private static let readyLag: UInt64 = 1000

    /// What this node saw of its machines, for plans.
    public func observations(now: Instant) -> NodeObservations {
        var seen: [UID: NodeObservations.Machine] = [:]
        for (uid, machine) in machines.machines {
            guard let observation = machine.observation else { continue }
            seen[uid] = NodeObservations.Machine(
                observation: observation, history: machine.history, generation: machine.desired.generation,
                isBeingRemoved: machine.desired.isBeingRemoved, retryAt: machine.situation.retryAt,
                ageMilliseconds: max(0, now - (machine.lookedAt ?? now)))
        }
        return NodeObservations(
            machines: seen, images: machines.images.mapValues(\.image), isEnding: machines.isHalting)
    }

    /// Machines of this host that are bound to nobody here.
    public var unknownMachines: [UID] { machines.strangers.keys.sorted() }

    /// The state hash of this replica at ``Fleet/appliedIndex``.
    public var stateHash: UInt64 { fleet.stateHash }

    /// The entries after one index up to another that this node has applied; nil if they are cut from its log.
    package func appliedEntries(after start: LogIndex, through end: LogIndex) -> [Entry]? {
        precondition(end.rawValue <= fleet.appliedIndex, "entry \(end) is not applied, only \(fleet.appliedIndex)")
        guard start < end else { return [] }
        // A log that is cut behind the start is an answer here, not a failure.
        return (try? raft.storage.entries(start.next, end.next, maxBytes: .max)).map { Array($0) }
    }

    /// The first entry of a new cluster: the log holds it as committed before the first node starts.
    public static func foundingEntry(_ bootstrap: Bootstrap, stamp: WallTime, request: RequestID) -> Entry {
        let envelope = CommandEnvelope(stamp: stamp, author: bootstrap.adminKey, command: .bootstrap(bootstrap))
        let change = ConfChangeV2(
            changes: [.addVoter(NodeID(bootstrap.member.id))],
            context: LogRecord(request: request, envelope: envelope).bytes)
        return Entry(term: Term(1), index: LogIndex(1), kind: .membership, data: change.encoded())
    }
}
