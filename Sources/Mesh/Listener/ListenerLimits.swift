/// What a listener allows to those who connect.
public struct ListenerLimits: Equatable, Sendable {
    /// From the TCP connection to the end of the TLS handshake.
    public var handshakeMilliseconds: Int64
    /// How long a refused connection stays half open so that the reason arrives.
    public var lingerMilliseconds: Int64
    /// Connections in the handshake; one more pushes out the oldest.
    public var handshakes: Int
    /// Connections past the handshake.
    public var connections: Int
    /// Connections past the handshake of one key.
    public var connectionsPerKey: Int
    /// Connections past the handshake of all keys together that are not admitted.
    public var strangers: Int
    /// How long the other side may leave sent bytes unacknowledged before TCP gives up.
    public var unacknowledgedMilliseconds: Int64
    /// The same refusal of the same key is logged once in this time.
    public var refusalLogMilliseconds: Int64

    public init(
        handshakeMilliseconds: Int64, lingerMilliseconds: Int64, handshakes: Int, connections: Int,
        connectionsPerKey: Int, strangers: Int, unacknowledgedMilliseconds: Int64, refusalLogMilliseconds: Int64
    ) {
        self.handshakeMilliseconds = handshakeMilliseconds
        self.lingerMilliseconds = lingerMilliseconds
        self.handshakes = handshakes
        self.connections = connections
        self.connectionsPerKey = connectionsPerKey
        self.strangers = strangers
        self.unacknowledgedMilliseconds = unacknowledgedMilliseconds
        self.refusalLogMilliseconds = refusalLogMilliseconds
    }

    /// For a few hundred nodes and their users.
    public static let standard = ListenerLimits(
        handshakeMilliseconds: 5000, lingerMilliseconds: 1000, handshakes: 256, connections: 4096,
        connectionsPerKey: 1024, strangers: 128, unacknowledgedMilliseconds: 20_000, refusalLogMilliseconds: 60_000)
}

/// Why a listener did not take a connection.
public enum Refusal: String, CaseIterable, Sendable {
    /// No TLS 1.3 handshake came about: plain text, an old version, no certificate, another kind of key, garbage.
    case handshakeFailed
    /// The other side was silent or slow.
    case handshakeTimedOut
    /// Pushed out of the handshake by newer connections.
    case handshakePushedOut
    /// No protocol, or one that nobody here speaks.
    case protocolNotSpoken
    case notAdmitted
    case tooManyConnections
    case tooManyOfKey
    case tooManyStrangers
    /// The protocol's handler failed to set up.
    case setupFailed
}

/// What a listener has counted since it was made.
public struct ListenerCounters: Equatable, Sendable {
    /// Connections handed to a protocol's handler.
    public var accepted: UInt64 = 0
    public var refused: [Refusal: UInt64] = [:]
    /// Connections in the handshake now.
    public var handshaking = 0
    /// Connections past the handshake now.
    public var open = 0

    public init() {}

    /// How many were refused for this reason.
    public subscript(refusal: Refusal) -> UInt64 { refused[refusal] ?? 0 }
}
