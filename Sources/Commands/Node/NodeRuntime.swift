public import Primitives

/// Runs nodes in this process: what the daemon offers to the command line.
public protocol NodeRuntime: Sendable {
    /// Founds a cluster in a node's data directory: makes the node's key, and writes the first entry with cluster id,
    /// node and administrator. The node does not run yet when it returns.
    ///
    /// Throws with a text for people if the directory belongs to a cluster already.
    func initializeCluster(
        _ configuration: NodeConfiguration, administrator: PublicKey, administratorName: String
    ) async throws -> FoundedCluster

    /// Runs a node until it is told to stop (SIGTERM, SIGINT, or a request to its API); joins a cluster first if the
    /// configuration says how and the data directory belongs to none.
    ///
    /// Throws with a text for people if the node can't start, or had to stop because of something that it can't mend.
    func runNode(_ configuration: NodeConfiguration) async throws
}

/// A cluster of one node that was just founded.
public struct FoundedCluster: Equatable, Sendable {
    public var clusterID: String
    /// The first node, at the addresses where it will listen.
    public var member: ContextMember

    public init(clusterID: String, member: ContextMember) {
        self.clusterID = clusterID
        self.member = member
    }
}
