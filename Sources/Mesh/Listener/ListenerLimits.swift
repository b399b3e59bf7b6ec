/// What a listener allows to those who connect.
///
/// Each rank of keys has a share of the connections that those below it can't take: members beside administrators
/// beside users, and strangers only a small part of the users' share.
public struct ListenerLimits: Equatable, Sendable {
    /// From the TCP connection to the end of the TLS handshake.
    public var handshakeMilliseconds: Int64 = 5000
    /// How long a refused connection stays half open so that the reason arrives.
    public var lingerMilliseconds: Int64 = 1000
    /// How long the other side may leave sent bytes unacknowledged before TCP gives up.
    public var unacknowledgedMilliseconds: Int64 = 20_000
    /// Refusals are logged in one line for each such time.
    public var refusalLogMilliseconds: Int64 = 60_000
    /// How long a listener rests that can't accept for want of descriptors or memory; doubled up to the second.
    public var restMilliseconds: Int64 = 20
    public var longestRestMilliseconds: Int64 = 1000

    /// Connections in the handshake, in all and of one address; one more takes the oldest one's place.
    public var handshakes: Int
    public var handshakesPerAddress: Int

    /// Connections past the handshake.
    public var connections: Int
    /// Of these, the ones that only members may have, and those that only administrators and members may have.
    public var reservedForMembers: Int
    public var reservedForAdministrators: Int
    /// Connections of one key of each rank; where an idle one is among them, the oldest gives way to a new one.
    public var connectionsPerMember: Int
    public var connectionsPerAdministrator: Int
    public var connectionsPerUser: Int
    /// Of a member's connections, those that speak Raft; the oldest gives way to a new one.
    public var raftPerMember: Int

    /// Connections of keys that are not admitted: in all, of one key, and of one address. The oldest without a request
    /// gives way to a new one.
    public var strangers: Int
    public var strangersPerKey: Int
    public var strangersPerAddress: Int
    /// How long a stranger's connection lives without a valid ticket.
    public var strangerMilliseconds: Int64 = 10_000
    /// Connections of keys that are not admitted and have shown a valid ticket, beside the strangers; how long they
    /// live.
    public var joining: Int
    public var joiningMilliseconds: Int64 = 60_000

    public init(_ shares: DescriptorShares) {
        handshakes = shares.handshakes
        handshakesPerAddress = shares.handshakes * 3 / 4
        joining = min(32, max(2, shares.connections / 32))
        let room = shares.connections - joining
        connections = room
        reservedForMembers = room / 4
        reservedForAdministrators = room / 8
        connectionsPerMember = min(128, room / 4)
        connectionsPerAdministrator = min(512, room / 2)
        connectionsPerUser = min(256, room / 8)
        raftPerMember = 4
        strangers = min(128, room / 8)
        strangersPerKey = min(4, strangers)
        strangersPerAddress = strangers * 3 / 4
    }

    /// The most connections of users and strangers together.
    var forUsers: Int { connections - reservedForMembers - reservedForAdministrators }
    /// The most connections of all but members.
    var forAdministrators: Int { connections - reservedForMembers }
    /// The most descriptors that the listener's connections take.
    var descriptors: Int { handshakes + connections + joining + DescriptorShares.overlap }

    func connectionsPerKey(_ admission: Admission) -> Int {
        switch admission {
        case .member: connectionsPerMember
        case .administrator: connectionsPerAdministrator
        case .user: connectionsPerUser
        case .refused: strangersPerKey
        }
    }
}
