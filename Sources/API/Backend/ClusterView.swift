public import Contract
public import Fleet
public import Primitives

/// The fleet at one moment, with what is known of the nodes at that moment.
public struct ClusterView: Sendable {
    public var fleet: Fleet
    /// Ages are told against this.
    public var now: WallTime
    /// True when the read was not confirmed by a quorum.
    public var isStale: Bool
    /// Nil when no leader is known.
    public var leader: ClusterLeader?
    public var term: UInt64
    /// The Raft id of the node that answers.
    public var localID: UInt64
    public var commitIndex: UInt64
    public var quorum: QuorumView
    /// By node name; the node that gave the view has never heard of a node that is missing here.
    public var liveness: [String: NodeContact]

    public init(
        fleet: Fleet, now: WallTime, isStale: Bool, leader: ClusterLeader?, term: UInt64, localID: UInt64,
        commitIndex: UInt64, quorum: QuorumView, liveness: [String: NodeContact]
    ) {
        self.fleet = fleet
        self.now = now
        self.isStale = isStale
        self.leader = leader
        self.term = term
        self.localID = localID
        self.commitIndex = commitIndex
        self.quorum = quorum
        self.liveness = liveness
    }
}

extension ClusterView {
    /// The answer to `GET /blixard/v1/cluster`: the cluster as the answering node knows it.
    func state(answeredBy local: LocalNode) -> ClusterState {
        ClusterState(
            clusterID: fleet.clusterID, answeredBy: local.name, leader: leader, term: term, quorum: quorum,
            revision: fleet.revision, level: fleet.level, appliedIndex: fleet.appliedIndex, commitIndex: commitIndex,
            stateHash: Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: fleet.stateHash >> (56 - 8 * $0)) }),
            consistency: isStale ? .stale : .linearizable, nodes: fleet.members.map(node))
    }

    private func node(_ member: Member) -> ClusterNode {
        let isSelf = member.id == localID
        let known = liveness[member.name]
        let heard = isSelf ? 0 : known?.lastHeardMilliseconds
        return ClusterNode(
            member: MemberContact(member), role: known?.role ?? "Unknown",
            connected: isSelf || known?.connected == true,
            lastHeardSeconds: heard.map { $0 / 1000 }, lag: known?.lag,
            roundTripMicroseconds: known?.roundTripMicroseconds, isSelf: isSelf)
    }
}

/// What moves always and is never stored: how a node was last seen.
public struct NodeContact: Equatable, Sendable {
    /// Since the node was last heard from; nil when it never was.
    public var lastHeardMilliseconds: Int64?
    public var roundTripMicroseconds: Int64?
    public var connected: Bool
    /// Entries that the node is behind the leader.
    public var lag: UInt64?
    /// `Leader`, `Follower`, `Learner`, `Candidate` or `Unknown`.
    public var role: String

    public init(
        lastHeardMilliseconds: Int64?, roundTripMicroseconds: Int64?, connected: Bool, lag: UInt64?, role: String
    ) {
        self.lastHeardMilliseconds = lastHeardMilliseconds
        self.roundTripMicroseconds = roundTripMicroseconds
        self.connected = connected
        self.lag = lag
        self.role = role
    }
}
