/// The deadlines and bounds of a peer network.
public struct PeerNetworkSettings: Equatable, Sendable {
    /// For one dial over all addresses of a peer.
    public var dialMilliseconds: Int64
    /// Waits after failed dials: doubled from the first to the second, with jitter.
    public var backoffBaseMilliseconds: Int64
    public var backoffCapMilliseconds: Int64
    /// How often each side asks for a sign of life, and measures the round trip.
    public var pingMilliseconds: Int64
    /// A connection on which nothing arrives for this long, or on which nothing can be written, is closed.
    public var idleMilliseconds: Int64
    /// A message that could not leave within this time is thrown away.
    public var messageMilliseconds: Int64
    /// Messages waiting in each lane of each peer.
    public var queuedMessages: Int
    /// Bytes waiting for each peer. A single larger message may wait alone.
    public var queuedBytes: Int
    /// The largest message, in bytes, in either direction.
    public var messageBytes: Int
    /// Connections of admitted keys that are not among the peers that were set.
    public var guests: Int

    public init(
        dialMilliseconds: Int64, backoffBaseMilliseconds: Int64, backoffCapMilliseconds: Int64,
        pingMilliseconds: Int64, idleMilliseconds: Int64, messageMilliseconds: Int64, queuedMessages: Int,
        queuedBytes: Int, messageBytes: Int, guests: Int
    ) {
        self.dialMilliseconds = dialMilliseconds
        self.backoffBaseMilliseconds = backoffBaseMilliseconds
        self.backoffCapMilliseconds = backoffCapMilliseconds
        self.pingMilliseconds = pingMilliseconds
        self.idleMilliseconds = idleMilliseconds
        self.messageMilliseconds = messageMilliseconds
        self.queuedMessages = queuedMessages
        self.queuedBytes = queuedBytes
        self.messageBytes = messageBytes
        self.guests = guests
    }

    /// For Raft with election timeouts of about a second. A message holds the largest log entry and its envelope.
    public static let standard = PeerNetworkSettings(
        dialMilliseconds: 3000, backoffBaseMilliseconds: 100, backoffCapMilliseconds: 5000, pingMilliseconds: 500,
        idleMilliseconds: 4000, messageMilliseconds: 5000, queuedMessages: 4096, queuedBytes: 32 << 20,
        messageBytes: 24 << 20, guests: 64)
}
