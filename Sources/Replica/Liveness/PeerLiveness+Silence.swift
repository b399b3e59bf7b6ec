import Primitives
import Raft
import Reconcile
import Wire

// What follows from what was heard.
extension PeerLiveness {
    /// Twice the time between two looks at the mesh.
    private static let freshMilliseconds: Int64 = 2000

    /// Whether a leader may give a machine to a member: it has been heard of lately, and in this term.
    ///
    /// A binding is for good, so the patience that a new leader has with the silent does not count here, nor does a
    /// node whose connection is lost.
    func isReady(_ id: NodeID, at now: Instant) -> Bool {
        if id == own { return true }
        guard let heard = lastHeard[id], heardSinceElection.contains(id), connections[id]?.isConnected != false else {
            return false
        }
        return now - heard < NodeLife.silenceMilliseconds
    }

    /// Whether a leader has heard nothing of a member for so long that it says so.
    func isSilent(_ id: NodeID, at now: Instant) -> Bool {
        guard id != own, let heard = lastHeard[id] else { return false }
        return now - heard >= NodeLife.silenceMilliseconds
    }

    /// Whether a member is there at this moment, as far as this leader has seen itself: the patience that a new leader
    /// has with the silent does not count.
    func answers(_ id: NodeID, at now: Instant) -> Bool {
        if id == own || connections[id]?.isConnected == true { return true }
        return heardSinceElection.contains(id) && lastHeard[id].map { now - $0 < Self.freshMilliseconds } ?? false
    }

    /// Whether leadership may be handed to a member: nothing says that its connection is lost.
    func mayTakeOver(_ id: NodeID) -> Bool { id != own && connections[id]?.isConnected != false }

    /// How many of these are this node or connected to it.
    func connectedCount(of voters: [NodeID]) -> Int {
        voters.count { $0 == own || connections[$0]?.isConnected == true }
    }

    /// What the mesh said last, or something that came since.
    func isConnected(_ id: NodeID, silent: Int64?) -> Bool {
        id == own || connections[id]?.isConnected == true || silent.map { $0 < Self.freshMilliseconds } ?? false
    }

    /// Milliseconds since the leader heard of a member, or this node while it leads itself or knows of no leader; nil
    /// if never.
    func silence(of id: NodeID, seenBy state: SoftState, at now: Instant) -> Int64? {
        if id == own { return 0 }
        if state.role != .leader, state.leader != nil, let told, now - told.at < NodeLife.silenceMilliseconds {
            if told.liveness.leader == id.rawValue { return lastHeard[id].map { now - $0 } }
            if let node = told.liveness.nodes.first(where: { $0.id == id.rawValue }) {
                let (silent, isNever) = node.silentMilliseconds.addingReportingOverflow(now - told.at)
                return isNever || node.silentMilliseconds == .max ? nil : silent
            }
        }
        let own = [lastHeard[id].map { now - $0 }, connections[id]?.silentMilliseconds].compactMap { $0 }
        return own.min()
    }

    /// Entries that a leader told a member is behind; nil if it told nothing of it.
    func toldLag(of id: NodeID) -> UInt64? {
        told?.liveness.nodes.first { $0.id == id.rawValue }?.lag
    }

    /// What a leader tells the others: how long it has heard nothing of each member, and how far each is behind.
    func liveness(of members: some Sequence<NodeID>, in term: Term, lag: (NodeID) -> UInt64, at now: Instant)
        -> Liveness
    {
        Liveness(
            term: term.rawValue, leader: own.rawValue,
            nodes: members.map { id in
                let silent = id == own ? 0 : lastHeard[id].map { now - $0 } ?? .max
                return NodeLiveness(
                    id: id.rawValue, silentMilliseconds: silent, roundTripMicroseconds: nil, lag: lag(id))
            })
    }
}
