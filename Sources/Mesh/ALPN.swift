/// The name of a protocol on the mesh's port (RFC 7301).
public struct ALPN: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// 1 to 255 bytes.
    public let rawValue: String

    public init(rawValue: String) {
        precondition((1...255).contains(rawValue.utf8.count), "a protocol name of \(rawValue.utf8.count) bytes")
        self.rawValue = rawValue
    }

    /// Raft messages between nodes.
    public static let raft = ALPN(rawValue: "blixard/raft/1")
    /// The HTTP API, for nodes, the command line and kubectl.
    public static let http = ALPN(rawValue: "http/1.1")
    /// One stream of raw bytes: a snapshot, an image, a console.
    public static let stream = ALPN(rawValue: "blixard/stream/1")

    /// Whether the listener answers with a preamble frame. Foreign protocols have their own words for a refusal.
    public var hasPreamble: Bool { rawValue.hasPrefix("blixard/") }

    public var description: String { rawValue }
}
