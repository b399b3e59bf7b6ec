public import Primitives

/// A node that is part of the cluster.
public struct Member: Equatable, Sendable {
    /// What a member counts for in consensus; the numbers are stable.
    public enum Role: UInt8, Equatable, Sendable, CaseIterable {
        case voter = 1
        case learner = 2
    }

    /// Its number in Raft, never used again for another.
    public var id: UInt64
    /// The name of its Node object.
    public var name: String
    public var key: PublicKey
    /// `host:port`, dialable from other hosts.
    public var addresses: [String]
    public var role: Role
    public var joinedAt: WallTime
    /// The highest level that its program has announced to understand.
    public var level: UInt32
    /// Which log of that key's this member is: drawn by the newcomer and made durable before it asked to join, and
    /// never drawn again for that log. So a node that has lost its log can't come back as the voter that it was,
    /// because what it had acknowledged is lost with it. 0 for founders, and for members that joined before there was
    /// such a number.
    public var incarnation: UInt64

    public init(
        id: UInt64, name: String, key: PublicKey, addresses: [String], role: Role, joinedAt: WallTime, level: UInt32,
        incarnation: UInt64
    ) {
        self.id = id
        self.name = name
        self.key = key
        self.addresses = addresses
        self.role = role
        self.joinedAt = joinedAt
        self.level = level
        self.incarnation = incarnation
    }
}
