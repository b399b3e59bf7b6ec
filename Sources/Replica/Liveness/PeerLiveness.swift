import Primitives
import Raft
import Reconcile
import Wire

/// Which members this node hears: what the mesh says of connections, when messages came, and what the leader tells of
/// members that it does not hear.
struct PeerLiveness: Sendable {
    /// This node; it is never silent to itself.
    let own: NodeID
    /// As the mesh saw them last; has no entry of this node, nor of a member of which the mesh has said nothing.
    private(set) var connections: [NodeID: PeerObservation] = [:]
    /// When each member last sent something; on a leader no earlier than its election, since silence is counted from
    /// then on.
    private(set) var lastHeard: [NodeID: Instant] = [:]
    /// Members that have sent something since this node was last elected; each has an entry in ``lastHeard``.
    private(set) var heardSinceElection: Set<NodeID> = []
    /// What a leader told last, and when; the sender was the leader that it names.
    private(set) var told: Told?

    /// What a leader said of the members.
    struct Told: Sendable {
        /// As it was said; the silence in it was counted up to that moment.
        var liveness: Liveness
        /// When it arrived.
        var at: Instant
    }

    init(own: NodeID) {
        self.own = own
    }

    mutating func connected(_ observations: [NodeID: PeerObservation]) {
        connections = observations
    }

    /// A member has sent something.
    mutating func heard(_ node: NodeID, at now: Instant) {
        lastHeard[node] = now
        heardSinceElection.insert(node)
    }

    /// This node leads from now on: silence is counted from here, as a member is not dead because this node was not
    /// listening.
    mutating func elected(_ members: some Sequence<NodeID>, at now: Instant) {
        for member in members { lastHeard[member] = now }
        heardSinceElection = []
    }

    /// What a leader says of the members; ignored unless the sender itself is the leader that it names.
    mutating func told(_ liveness: Liveness, by node: NodeID, at now: Instant) {
        guard liveness.leader == node.rawValue else { return }
        told = Told(liveness: liveness, at: now)
    }
}
