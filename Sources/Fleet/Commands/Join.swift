public import Primitives

/// A ticket, known by the hash of its secret alone.
public struct TicketGrant: Equatable, Sendable {
    /// SHA-256 of the secret: 32 bytes.
    public var secretHash: [UInt8]
    /// Compared with the stamp of the join.
    public var expiresAt: WallTime
    /// How many keys may redeem it; at least 1.
    public var uses: Int
    /// The one name that a newcomer gets with it, with the machines that are bound to it; nil lets newcomers choose
    /// among the names that no member has and no machine is bound to.
    public var nodeName: String?

    public init(secretHash: [UInt8], expiresAt: WallTime, uses: Int, nodeName: String? = nil) {
        self.secretHash = secretHash
        self.expiresAt = expiresAt
        self.uses = uses
        self.nodeName = nodeName
    }
}

/// A newcomer that redeems a ticket.
public struct Join: Equatable, Sendable {
    /// ``Fleet/nextMemberID`` as the leader saw it.
    public var id: UInt64
    /// The name of its Node object; nil stands for the ticket's, or `node-<id>`.
    public var name: String?
    public var key: PublicKey
    /// `host:port`, dialable from other hosts.
    public var addresses: [String]
    /// SHA-256 of the ticket's secret: 32 bytes.
    public var ticketHash: [UInt8]
    /// The newcomer's: see ``Member/incarnation``. 0 in what was written before newcomers had one.
    public var incarnation: UInt64

    public init(
        id: UInt64, name: String?, key: PublicKey, addresses: [String], ticketHash: [UInt8], incarnation: UInt64
    ) {
        self.id = id
        self.name = name
        self.key = key
        self.addresses = addresses
        self.ticketHash = ticketHash
        self.incarnation = incarnation
    }
}
