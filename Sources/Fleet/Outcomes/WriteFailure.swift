public import Primitives

/// Why a write has no outcome: the one form in which a node says so, to another node and to its own callers.
///
/// Except for ``outcomeUnknown(_:)``, nothing of the write is in the log.
public enum WriteFailure: Error, Equatable, Sendable {
    /// The node that was asked to record it does not lead; the next leader is asked.
    case notLeader
    /// No leader is known, with as many of the voters connected.
    case noQuorum(connected: Int, voters: Int)
    /// The author may not do this.
    case forbidden(Denial)
    /// The cluster's state does not allow it; never empty.
    case refused([Refusal])
    /// The reason may be gone in a moment.
    case unavailable(Obstacle)
    /// The encoded entry is larger than an entry may be.
    case tooLarge(bytes: Int, limit: Int)
    /// It was handed on and not seen to be applied in time; it may still take effect.
    case outcomeUnknown(RequestID)

    /// Why an author may not do something.
    public enum Denial: Equatable, Sendable {
        /// The key is that of a viewer, or of no user.
        case mayOnlyRead(PublicKey, role: AccessRole?)
        case notAdministrator(PublicKey)
        /// The key is not that of the member with this id, which alone may say this.
        case notMember(PublicKey, id: UInt64)
        /// A leader decides this by itself, and takes it from no other node.
        case leaderOnly
        /// A node handed on what another node says of itself.
        case speaksForAnother(node: UInt64, name: String)
    }

    /// What keeps a node from taking a write for now.
    public enum Obstacle: Equatable, Sendable {
        /// The node has not caught up with the cluster since it started.
        case stateNotKnown
        /// Consensus takes no proposals: too much waits for a quorum, or leadership is being handed over.
        case leaderBusy
        /// Another membership change is not applied yet.
        case membershipChanging
        /// The leader is one of two voters and is to leave, so it hands leadership over first.
        case leaderHandsOver(from: UInt64, to: UInt64)
        /// The leader's disk has no room for its log.
        case diskFull(leader: UInt64)
    }
}

extension WriteFailure.Denial: CustomStringConvertible {
    public var description: String {
        switch self {
        case .mayOnlyRead(let key, let role):
            "key \(key.short) may only read (\(role.map { "\($0)" } ?? "not admitted"))"
        case .notAdministrator(let key): "key \(key.short) is no administrator"
        case .notMember(let key, let id): "key \(key.short) is not member \(id)"
        case .leaderOnly: "only the leader itself does this"
        case .speaksForAnother(let node, let name): "node \(node) does not speak for node \"\(name)\""
        }
    }
}

extension WriteFailure.Obstacle: CustomStringConvertible {
    public var description: String {
        switch self {
        case .stateNotKnown: "this node does not have the cluster's state yet"
        case .leaderBusy: "the leader takes no writes at the moment"
        case .membershipChanging: "another change of the membership is under way"
        case .leaderHandsOver(let leader, let heir):
            "node \(leader) leads and only node \(heir) would stay, so that one takes over first; try again"
        case .diskFull(let leader): "the disk of the leader, node \(leader), has no room for its log"
        }
    }
}

extension WriteFailure: CustomStringConvertible {
    /// In words for people; what was recorded is said, and what to do.
    public var description: String {
        switch self {
        case .notLeader: "no leader is known at the moment; nothing was recorded"
        case .noQuorum(let connected, let voters) where connected <= voters / 2:
            "no quorum: \(connected) of \(voters) voters; nothing was recorded"
        case .noQuorum(let connected, let voters):
            // Voters that are connected may still know of no leader: then that is what is missing.
            "no leader answers, although \(connected) of \(voters) voters are connected: an election may be under way; "
                + "nothing was recorded"
        case .forbidden(let denial): denial.description
        case .refused(let refusals): refusals.map(\.message).joined(separator: "; ")
        case .unavailable(let obstacle): "\(obstacle); nothing was recorded"
        case .tooLarge(let bytes, let limit):
            "the write takes \(bytes) bytes in the log, and an entry may have \(limit): split it"
        case .outcomeUnknown(let request):
            "outcome unknown: it may still take effect; ask again with request \(request) to learn which"
        }
    }
}
