public import Fleet
public import Primitives

/// The node that serves the API.
public struct LocalNode: Equatable, Sendable {
    /// The Raft id; 0 before the node has founded or joined a cluster.
    public var id: UInt64
    public var name: String
    public var key: PublicKey
    /// Addresses under which others can dial the mesh port, `host:port`.
    public var addresses: [String]
    /// Of this program, `1.2.3`.
    public var version: String
    /// Empty before the node has founded or joined a cluster.
    public var clusterID: String

    public init(
        id: UInt64, name: String, key: PublicKey, addresses: [String], version: String, clusterID: String
    ) {
        self.id = id
        self.name = name
        self.key = key
        self.addresses = addresses
        self.version = version
        self.clusterID = clusterID
    }
}

/// What a write would do, and the cluster as it would be then.
public struct Rehearsal: Sendable {
    public var answer: WriteAnswer
    public var view: ClusterView

    public init(answer: WriteAnswer, view: ClusterView) {
        self.answer = answer
        self.view = view
    }
}

/// A piece of a machine's console log.
public struct ConsoleAnswer: Equatable, Sendable {
    public var bytes: [UInt8]
    /// Where the next piece begins.
    public var nextOffset: Int64
    /// Everything before this offset was dropped to bound the log.
    public var keptOffset: Int64
    /// Where the log ended when this piece was read.
    public var endOffset: Int64

    public init(bytes: [UInt8], nextOffset: Int64, keptOffset: Int64, endOffset: Int64) {
        self.bytes = bytes
        self.nextOffset = nextOffset
        self.keptOffset = keptOffset
        self.endOffset = endOffset
    }

    /// Where this piece begins.
    public var offset: Int64 { nextOffset.subtractingClamped(Int64(bytes.count)) }
}

/// Whether a node can serve.
public enum Readiness: Equatable, Sendable {
    case ready
    case notReady(String)
}
