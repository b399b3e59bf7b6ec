import Host

/// Where things lie under a node's data directory.
public struct NodeDirectory: Sendable {
    public let path: String

    public init(_ path: String) {
        var path = path
        while path.count > 1, path.last == "/" { path.removeLast() }
        self.path = path
    }

    /// The node's private key (mode 0600).
    public var key: String { path + "/key" }
    /// The keys for secrets (mode 0600).
    public var secretsKeys: String { path + "/secrets.key" }
    /// Who the node is: cluster, id, address.
    public var record: String { path + "/node.json" }
    /// The incarnation of a newcomer that has not been answered yet.
    public var newcomer: String { path + "/joining" }
    public var journal: String { path + "/raft" }
    public var machines: String { path + "/machines" }
    public var images: String { path + "/images" }
    /// Git repositories that are followed, each under its object's uid.
    public var sources: String { path + "/sources" }
    /// What has arrived of a leader's snapshot.
    public var incoming: String { path + "/incoming" }

    func create() throws(AgentError) {
        for directory in [path, machines, images, incoming] {
            do throws(DiskError) {
                try DurableFile.createDirectory(directory)
            } catch {
                throw AgentError("the data directory can't be made: \(error)")
            }
        }
    }
}
