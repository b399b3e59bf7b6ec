public import Mesh

/// What the plain port allows.
public struct BootstrapLimits: Equatable, Sendable {
    /// At once, in all and of one address; one more takes the place of the oldest that has asked for nothing.
    public var connections: Int
    public var connectionsPerAddress: Int
    /// Until the head of the request is there.
    public var headMilliseconds: Int64 = 2000
    /// From the first byte to the last, whatever happens between them.
    public var connectionMilliseconds: Int64 = 5000
    public var headerBytes = 8 << 10
    /// Connections that gave way are logged in one line for each such time.
    public var refusalLogMilliseconds: Int64 = 60_000
    /// How long the port rests that can't accept for want of descriptors; doubled up to the second.
    public var restMilliseconds: Int64 = 20
    public var longestRestMilliseconds: Int64 = 1000

    public init(_ shares: DescriptorShares) {
        self.init(connections: shares.bootstrap - Self.overlap)
    }

    package init(connections: Int) {
        precondition(connections > 0, "\(connections) connections")
        self.connections = connections
        connectionsPerAddress = max(1, connections * 3 / 4)
    }

    /// Connections that are being closed for others.
    static let overlap = 4
}
