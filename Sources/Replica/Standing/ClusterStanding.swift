public import Fleet
public import Primitives
public import Raft

/// The cluster as one of its nodes knows it at this moment: what readers are shown beside the fleet, and never stored.
public struct ClusterStanding: Equatable, Sendable {
    /// The node that is known to lead; nil if none is.
    public var leader: NodeID?
    public var term: Term
    public var commitIndex: LogIndex
    public var quorum: QuorumStanding
    /// By name, every member of the state that this node has applied.
    public var members: [String: MemberStanding]
}

/// How one member stands.
public struct MemberStanding: Equatable, Sendable {
    public var life: MemberLife
    public var role: MemberRole
}

/// What a member does in consensus, as far as the node that tells it knows.
public enum MemberRole: String, Equatable, Sendable, CaseIterable {
    case leader = "Leader"
    case follower = "Follower"
    case learner = "Learner"
    case candidate = "Candidate"
    /// Nothing is heard of it that says which.
    case unknown = "Unknown"

    /// - Parameters:
    ///   - leader: The node that is known to lead; nil if none is.
    ///   - ownRole: What the node that tells it is itself; nil for every other member.
    public init(of member: Member, leader: NodeID?, life: MemberLife, ownRole: Role?) {
        if leader?.rawValue == member.id {
            self = .leader
        } else if member.role == .learner {
            self = .learner
        } else if let ownRole, ownRole != .follower {
            // A node that leads and does not know it yet has only just won.
            self = .candidate
        } else {
            self = life.isReady || leader != nil && life.isConnected ? .follower : .unknown
        }
    }
}

/// What a node knows of the voters.
public struct QuorumStanding: Equatable, Sendable {
    public var voters: Int
    /// Of these, the ones that the node is connected with, itself included.
    public var connected: Int
    /// Whether a leader is known and can have a quorum.
    public var has: Bool

    /// How many voters must answer.
    public var needed: Int { majority(of: voters) }

    public init(voters: Int, connected: Int, hasLeader: Bool) {
        self.voters = voters
        self.connected = connected
        has = hasLeader && connected >= majority(of: voters)
    }
}

extension Replica {
    /// How the cluster stands, as this node knows it now.
    public func standing(now: Instant) -> ClusterStanding {
        var members: [String: MemberStanding] = [:]
        let lives = lives(now: now)
        for member in fleet.members {
            guard let life = lives[member.name] else { continue }
            let ownRole = NodeID(member.id) == identity.id ? role : nil
            members[member.name] = MemberStanding(
                life: life, role: MemberRole(of: member, leader: leader, life: life, ownRole: ownRole))
        }
        return ClusterStanding(
            leader: leader, term: term, commitIndex: commitIndex,
            quorum: QuorumStanding(
                voters: voterIDs.count, connected: connectedVoterCount, hasLeader: leader != nil),
            members: members)
    }
}
