public import Fleet
public import Primitives
public import Raft

/// What replicas say to each other; one frame each.
public enum PeerMessage: Equatable, Sendable {
    /// Consensus; see ``MessageCodec``.
    case raft(Message)
    /// To the leader: put this into the log.
    case proposal(ForwardedProposal)
    /// Back from the node that was asked, which did not.
    case writeFailed(ForwardedFailure)
    /// From the leader: how its members are.
    case liveness(Liveness)
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
public struct ForwardedFailure: Equatable, Sendable {
    public var request: RequestID
    public var failure: WriteFailure

    public init(request: RequestID, failure: WriteFailure) {
        self.request = request
        self.failure = failure
    }
}

/// What always moves and is never stored: when the leader last heard of each node.
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
