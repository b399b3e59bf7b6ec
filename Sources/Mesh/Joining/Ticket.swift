public import Primitives

/// What lets a newcomer into a cluster: the members to dial, the keys to believe, and a secret that is good once.
///
/// As text: `blx1`, then base32 of: version (1), `u16` number of bytes in all, cluster id, members, secret, expiry,
/// `u32` CRC-32C of everything before it. The checksum detects mistyping; it protects against no attacker.
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
    /// The most bytes of a ticket, before they become text.
    static let byteLimit = 16 << 10
    /// Version, length and checksum.
    static let envelopeBytes = 3 + 4

    public let clusterID: String
    public let members: [Member]
    /// Exactly ``secretBytes`` bytes. A node that has them may join, once, until the ticket expires.
    public let secret: [UInt8]
    public let expiry: WallTime

    /// Members without an address, or more of them or of their addresses than a ticket holds, are a programmer's error.
    ///
    /// - Throws: ``MeshError/ticket(_:)`` with ``TicketProblem/tooLarge(bytes:)`` if the text would be too long.
    public init(clusterID: String, members: [Member], secret: [UInt8], expiry: WallTime) throws(MeshError) {
        self.init(read: clusterID, members, secret, expiry)
        let bytes = content.count + Self.envelopeBytes
        guard bytes <= Self.byteLimit else { throw .ticket(.tooLarge(bytes: bytes)) }
    }

    /// A ticket with as many of the members and of their addresses as fit: of every member the first address before any
    /// second one.
    ///
    /// - Parameter members: Those that matter most come first; those without an address are left out.
    /// - Throws: ``MeshError/ticket(_:)`` with ``TicketProblem/tooLarge(bytes:)`` if not one address fits.
    public init(
        clusterID: String, offering members: [Member], secret: [UInt8], expiry: WallTime
    ) throws(MeshError) {
        let members = members.filter { !$0.addresses.isEmpty }.prefix(Self.memberLimit)
        // A number before each address and each list, a key and an id before each member.
        func bytes(_ address: String) -> Int { address.utf8.count + 5 }
        let memberBytes = 32 + 10 + 5
        var used = Self.envelopeBytes + clusterID.utf8.count + 5 + 5 + Self.secretBytes + 10
        var taken: [[String]] = members.map { _ in [] }
        for round in 0..<Self.addressLimit {
            for (position, member) in members.enumerated() where round < member.addresses.count {
                let address = member.addresses[round]
                let cost = bytes(address) + (taken[position].isEmpty ? memberBytes : 0)
                guard used + cost <= Self.byteLimit else { continue }
                used += cost
                taken[position].append(address)
            }
        }
        let fitting = zip(members, taken).filter { !$1.isEmpty }.map {
            Member(key: $0.key, addresses: $1, nodeID: $0.nodeID)
        }
        guard !fitting.isEmpty else {
            throw .ticket(.tooLarge(bytes: used + (members.first.map(\.addresses[0]).map(bytes) ?? 0)))
        }
        try self.init(clusterID: clusterID, members: fitting, secret: secret, expiry: expiry)
    }

    /// As a text of at most ``byteLimit`` bytes gives it.
    init(read clusterID: String, _ members: [Member], _ secret: [UInt8], _ expiry: WallTime) {
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
