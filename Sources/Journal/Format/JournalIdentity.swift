public import Raft

/// Whose log it is: written into every segment, so that a directory that was swapped or copied is noticed.
public struct JournalIdentity: Hashable, Sendable, CustomStringConvertible {
    /// The cluster's id: at most ``maximumClusterIDBytes`` bytes of UTF-8.
    public var clusterID: String
    public var nodeID: NodeID
    /// Told apart by it: two lives of a disk under the same number. An empty disk never comes back under an old one.
    public var incarnation: UInt64

    public static let maximumClusterIDBytes = 128

    public init(clusterID: String, nodeID: NodeID, incarnation: UInt64) {
        precondition(
            (1...Self.maximumClusterIDBytes).contains(clusterID.utf8.count),
            "a cluster id has 1 to \(Self.maximumClusterIDBytes) bytes, not \(clusterID.utf8.count)")
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.incarnation = incarnation
    }

    public var description: String { "cluster \(clusterID), node \(nodeID), incarnation \(incarnation)" }
}
