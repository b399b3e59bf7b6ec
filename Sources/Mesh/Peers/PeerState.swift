public import Primitives

/// A node to keep a connection to.
public struct PeerAddress: Equatable, Sendable {
    public var key: PublicKey
    /// `host:port` each. With none, the peer must dial us.
    public var addresses: [String]

    public init(key: PublicKey, addresses: [String]) {
        self.key = key
        self.addresses = addresses
    }
}

/// What is known about a peer now.
public struct PeerState: Equatable, Sendable {
    public let key: PublicKey
    /// Whether it is among the peers that were set, or only dialed us.
    public let isConfigured: Bool
    public let isConnected: Bool
    /// The address of the present connection, or of the last one.
    public let address: String?
    /// Whether we dialed the present connection; nil without one.
    public let isDialedByUs: Bool?
    /// Of the last ping that was answered on the present connection.
    public let roundTripMilliseconds: Double?
    /// Since anything arrived from it, over any connection; nil if nothing ever did.
    public let silenceMilliseconds: Int64?
    /// Messages waiting.
    public let queued: Int
    /// Messages thrown away: the queue was full, they grew too old, or they were too large.
    public let dropped: UInt64
    /// How often a connection came about.
    public let connections: UInt64
    /// Why the last dial failed; nil after one that did not.
    public let lastFailure: MeshError?
}

/// Which of a peer's two queues a message waits in.
public enum Lane: Sendable {
    /// Short and soon: heartbeats, votes, answers. Overtakes bulk, also between the frames of one large message. When
    /// the queue is full the oldest is dropped. A message larger than a frame takes the bulk lane.
    case urgent
    /// Short and soon, but never before a bulk message that was sent earlier: with the urgent ones while nothing waits
    /// in the bulk lane, and else behind what waits there.
    case inOrder
    /// Everything else, in order. When the queue is full the newest is dropped.
    case bulk
}
