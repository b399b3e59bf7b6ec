/// How the descriptors that a process may have open are shared out, so that connections never take those of the log, of
/// machines and of images.
public struct DescriptorShares: Equatable, Sendable {
    /// Fewer than so many leave no room for connections beside what a node opens for itself.
    public static let least = 128

    /// Event loops, log, machines, images, and everything else that is no connection opened from outside.
    public let files: Int
    /// Connections that the node opens to others.
    public let outgoing: Int
    /// Connections to the plain port.
    public let bootstrap: Int
    /// Connections to the mesh's port before their handshake is complete.
    public let handshakes: Int
    /// Connections to the mesh's port after it.
    public let connections: Int

    /// Connections that are accepted before a listener that is at its limit has stopped to accept, and those that are
    /// being closed.
    static let overlap = 8
    /// For a few hundred nodes and their users; more would only cost memory.
    private static let mostConnections = 2048

    /// - Parameter limit: The most descriptors that the process may have open (RLIMIT_NOFILE); at least ``least``.
    public init(of limit: Int) {
        precondition(limit >= Self.least, "\(limit) descriptors")
        files = min(max(limit / 4, 56), 4096)
        outgoing = min(max(limit / 16, 8), 512)
        bootstrap = min(max(limit / 16, 8), 128)
        handshakes = min(max(limit / 8, 16), 512)
        connections = min(Self.mostConnections, limit - files - outgoing - bootstrap - handshakes - Self.overlap)
    }
}
