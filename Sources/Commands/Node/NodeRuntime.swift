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
    /// Throws with a text for people if the node can't start, or had to stop because of something that it can't mend;
    /// a ``NodeFailure`` where the exit code is to tell more.
    func runNode(_ configuration: NodeConfiguration) async throws

    /// The machines of a node that does not run, which outlive it: those that may have a process.
    ///
    /// Throws with a text for people if that can't be told, for instance because the node runs.
    func machinesLeft(by configuration: NodeConfiguration) async throws -> [LeftMachine]

    /// Ends those machines, each by its power button and then by force, and answers the ones that are left all the
    /// same.
    ///
    /// - Throws: As ``machinesLeft(by:)``.
    func stopMachines(leftBy configuration: NodeConfiguration) async throws -> [LeftMachine]
}

/// Why a node did not start or go on, with the exit code that tells a service manager whether to try again.
public struct NodeFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String
    public var exitCode: Int32

    public init(_ description: String, exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }
}

/// A machine that may run although its node does not.
public struct LeftMachine: Equatable, Sendable {
    /// As in `metadata.uid`.
    public var uid: String
    public var pid: Int32?
    /// Why it could not be stopped; nil if that was not tried.
    public var problem: String?

    public init(uid: String, pid: Int32?, problem: String?) {
        self.uid = uid
        self.pid = pid
        self.problem = problem
    }
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
