public import Primitives

/// What lets a newcomer into a cluster: whom to dial, which keys to believe, and a secret that is good once.
///
/// As text: `blx1`, then base32 of: version (1), `u16` number of bytes in all, cluster id, members, secret, expiry,
/// `u32` CRC-32C of everything before it. The checksum tells a slip of the hand; it protects against nobody.
public struct Ticket: Equatable, Sendable {
    /// A node that can let the newcomer in.
    public struct Member: Equatable, Sendable {
        public var key: PublicKey
        /// `host:port` each, all of them dialable.
        public var addresses: [String]
        /// Its Raft id.
        public var nodeID: UInt64

        public init(key: PublicKey, addresses: [String], nodeID: UInt64) {
            self.key = key
            self.addresses = addresses
            self.nodeID = nodeID
        }
    }

    public static let prefix = "blx1"
    static let version: UInt8 = 1
    /// The secret's length in bytes.
    public static let secretBytes = 16
    /// The most members and the most addresses of one that a ticket names.
    public static let memberLimit = 32
    public static let addressLimit = 16
    static let byteLimit = 16 << 10

    public let clusterID: String
    public let members: [Member]
    /// Exactly ``secretBytes`` bytes. Who has them may join, once, until the ticket expires.
    public let secret: [UInt8]
    public let expiry: WallTime

    /// Members without an address, or more of anything than a ticket holds, are a programmer's error.
    public init(clusterID: String, members: [Member], secret: [UInt8], expiry: WallTime) {
        precondition(secret.count == Self.secretBytes, "a secret of \(secret.count) bytes")
        precondition((1...Self.memberLimit).contains(members.count), "a ticket with \(members.count) members")
        precondition(
            members.allSatisfy { (1...Self.addressLimit).contains($0.addresses.count) }, "a member's addresses")
        self.clusterID = clusterID
        self.members = members
        self.secret = secret
        self.expiry = expiry
    }

    /// A secret from the system's randomness.
    public static func freshSecret() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<secretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// - Throws: ``MeshError/ticket(_:)`` with ``TicketProblem/expired(at:)`` when `now` is the expiry or later.
    public func requireCurrent(at now: WallTime) throws(MeshError) {
        guard now < expiry else { throw .ticket(.expired(at: expiry)) }
    }
}
