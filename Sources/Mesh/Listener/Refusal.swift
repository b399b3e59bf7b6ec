/// Why a listener did not take a connection, or gave it up.
public enum Refusal: String, CaseIterable, Sendable {
    /// No TLS 1.3 handshake came about: plain text, an old version, no certificate, another kind of key, garbage.
    case handshakeFailed
    /// The other side was silent or slow.
    case handshakeTimedOut
    /// Pushed out of the handshake by newer connections.
    case handshakePushedOut
    /// No protocol, or one that is not spoken here.
    case protocolNotSpoken
    case notAdmitted
    case tooManyConnections
    case tooManyOfKey
    case tooManyStrangers
    /// An idle connection gave way to a newer one.
    case gaveWay
    /// A key that is not admitted has shown no valid ticket in its time.
    case strangerTimedOut
    /// The protocol's handler failed to set up.
    case setupFailed
    /// The system had no descriptor or no memory for one more connection, and the listener rested.
    case notAccepted

    /// What the node or client that is refused reads.
    var sentence: String {
        switch self {
        case .tooManyConnections: "it has as many connections as it allows"
        case .tooManyOfKey: "this key has as many connections as one key is allowed"
        case .tooManyStrangers: "it has as many connections of unknown keys as it allows"
        case .handshakePushedOut: "too many connections began at once"
        default: rawValue
        }
    }
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
    /// Of these, the ones whose keys are not admitted.
    public var strangers = 0

    public init() {}

    /// How many were refused for this reason.
    public subscript(refusal: Refusal) -> UInt64 { refused[refusal] ?? 0 }
}
