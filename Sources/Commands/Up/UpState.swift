import Host
import JSONText
import Primitives

/// A cluster whose nodes all run on this host, as its state directory remembers it.
struct UpState: Equatable {
    /// The directory, from the root on.
    let directory: String
    /// Empty until the cluster is founded.
    var clusterID: String
    var hypervisor: NodeConfiguration.HypervisorName
    var nodes: [Node]
    /// What each node may read images from.
    var sourceDirectories: [String] = []

    struct Node: Equatable {
        var id: UInt64
        var port: Int
        /// Nil until the cluster has let it in.
        var key: PublicKey?

        var name: String { "node-\(id)" }
        var address: String { "127.0.0.1:\(port)" }
    }

    static let fileName = "cluster.json"

    /// Where the state is unless somebody names a place.
    static func defaultDirectory(in environment: [String: String]) throws -> String {
        guard let directory = UserDirectories.state(in: environment) else {
            throw CommandFailure.error("there is no home directory: say with --data-dir where the cluster's state goes")
        }
        return directory
    }

    /// The state in a directory; nil if no cluster was started there.
    static func load(from directory: String) throws -> UpState? {
        let path = directory + "/" + fileName
        guard try LocalFiles.kind(of: path) != nil else { return nil }
        let json: JSON
        do {
            json = try JSON(parsing: try LocalFiles.read(path, limit: 1 << 20))
        } catch {
            throw CommandFailure.error("\(path): it is no JSON: \(error); without it the cluster can't be started")
        }
        guard let state = UpState(json, directory: directory) else {
            throw CommandFailure.error("\(path): it does not describe a cluster; it was written by something else")
        }
        return state
    }

    func save() throws {
        let path = directory + "/" + Self.fileName
        do {
            try DurableFile.write(json.prettyBytes + [0x0a], to: path, mode: 0o600)
        } catch {
            throw CommandFailure.error("\(path): it can't be written: \(error)")
        }
    }

    init(directory: String, clusterID: String, hypervisor: NodeConfiguration.HypervisorName, nodes: [Node]) {
        self.directory = directory
        self.clusterID = clusterID
        self.hypervisor = hypervisor
        self.nodes = nodes
    }

    private init?(_ json: JSON, directory: String) {
        guard let clusterID = json["cluster_id"]?.string,
            let hypervisor = json["hypervisor"]?.string.flatMap(NodeConfiguration.HypervisorName.init),
            let nodes = json["nodes"]?.array, !nodes.isEmpty
        else { return nil }
        var known: [Node] = []
        for node in nodes {
            guard let id = node["id"]?.integer, id > 0, let port = node["port"]?.integer, (1...65_535).contains(port)
            else { return nil }
            let key = node["key"]?.string.flatMap { PublicKey(hex: $0) }
            known.append(Node(id: UInt64(id), port: Int(port), key: key))
        }
        self.init(directory: directory, clusterID: clusterID, hypervisor: hypervisor, nodes: known)
        sourceDirectories = json["source_dirs"]?.array?.compactMap(\.string) ?? []
    }

    private var json: JSON {
        [
            "cluster_id": .string(clusterID), "hypervisor": .string(hypervisor.rawValue),
            "nodes": .array(
                nodes.map { node in
                    [
                        "id": .integer(Int64(node.id)), "port": .integer(Int64(node.port)),
                        "key": node.key.map { .string($0.description) } ?? .null,
                    ]
                }),
            "source_dirs": .array(sourceDirectories.map(JSON.string)),
        ]
    }

    func dataDirectory(of node: Node) -> String { "\(directory)/\(node.name)" }
    func logFile(of node: Node) -> String { "\(directory)/\(node.name).log" }
    func processFile(of node: Node) -> String { "\(directory)/\(node.name).pid" }
    var lockFile: String { directory + "/up.lock" }

    /// The members as far as they are known.
    var members: [ContextMember] {
        nodes.compactMap { node in
            node.key.map { ContextMember(id: node.id, name: node.name, key: $0, addresses: [node.address]) }
        }
    }
}
