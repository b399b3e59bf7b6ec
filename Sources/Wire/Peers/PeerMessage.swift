public import Fleet
public import Primitives
public import Raft

/// What replicas say to each other; one frame each.
public enum PeerMessage: Equatable, Sendable {
    /// Consensus; see ``MessageCodec``.
    case raft(Message)
    /// To the leader: put this into the log.
    case proposal(ForwardedProposal)
    /// Back from whoever does not.
    case proposalRefused(ProposalRefusal)
    /// From the leader: how its members are.
    case liveness(Liveness)
    /// Back from the leader: the cluster's state does not allow it.
    case admissionRefused(AdmissionRefusal)
}

/// A command that a follower took and hands to the leader.
public struct ForwardedProposal: Equatable, Sendable {
    public var request: RequestID
    /// The key that the follower has authenticated.
    public var author: PublicKey
    public var command: Command

    public init(request: RequestID, author: PublicKey, command: Command) {
        self.request = request
        self.author = author
        self.command = command
    }
}

/// Why a forwarded command was not put into the log.
public struct ProposalRefusal: Equatable, Sendable {
    /// The numbers are stable.
    public enum Code: UInt8, Equatable, Sendable, CaseIterable {
        /// Whoever was asked does not lead.
        case notLeader = 1
        /// The author may not do this.
        case forbidden = 2
        /// The leader takes nothing at the moment; try again.
        case unavailable = 3
        /// The command does not fit an entry.
        case tooLarge = 4
    }

    public var request: RequestID
    public var code: Code
    /// For people.
    public var reason: String

    public init(request: RequestID, code: Code, reason: String) {
        self.request = request
        self.code = code
        self.reason = reason
    }
}

/// Why the cluster's state, as the leader has it, does not allow a forwarded command: all of its reasons, as the fleet
/// gives them.
public struct AdmissionRefusal: Equatable, Sendable {
    public var request: RequestID
    public var refusals: [Refusal]

    public init(request: RequestID, refusals: [Refusal]) {
        self.request = request
        self.refusals = refusals
    }
}

/// What always moves and is never stored: when the leader last heard of whom.
public struct Liveness: Equatable, Sendable {
    /// The term of the leader that says so.
    public var term: UInt64
    public var leader: UInt64
    public var nodes: [NodeLiveness]

    public init(term: UInt64, leader: UInt64, nodes: [NodeLiveness]) {
        self.term = term
        self.leader = leader
        self.nodes = nodes
    }
}

/// One member as the leader sees it.
public struct NodeLiveness: Equatable, Sendable {
    /// The member's id.
    public var id: UInt64
    /// Since the leader last heard of it, or since its election.
    public var silentMilliseconds: Int64
    /// Nil if it was not measured.
    public var roundTripMicroseconds: Int64?
    /// Entries that it is behind the leader's log.
    public var lag: UInt64

    public init(id: UInt64, silentMilliseconds: Int64, roundTripMicroseconds: Int64?, lag: UInt64) {
        self.id = id
        self.silentMilliseconds = silentMilliseconds
        self.roundTripMicroseconds = roundTripMicroseconds
        self.lag = lag
    }
}
