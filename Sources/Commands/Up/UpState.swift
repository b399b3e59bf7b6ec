import Host
import JSONText
import Journal
import Primitives

/// A cluster whose nodes all run on this host, as its state directory remembers it.
struct UpState: Equatable {
    /// The directory, from the root on.
    let directory: String
    /// Empty until the cluster is founded.
    var clusterID: String
    var hypervisor: NodeConfiguration.HypervisorName
    var logLevel: String
    var nodes: [Node]
    /// What each node may read images from.
    var sourceDirectories: [String] = []

    struct Node: Equatable {
        var id: UInt64
        var port: Int
        /// Nil until the cluster has let it in.
        var key: PublicKey?
        /// Nil in a file that does not say it: then an equal part.
        var share: Share?

        var name: String { "node-\(id)" }
        var address: String { "127.0.0.1:\(port)" }
    }

    /// What machines of one node may use of the host: settled when the cluster is founded, so that a node that is
    /// started again has what it had.
    struct Share: Equatable {
        var cpus: Int
        var memoryBytes: Int64

        /// An equal part for each of the nodes.
        init(of processes: any ProcessControl, nodes: Int) {
            cpus = max(1, processes.processorCount / nodes)
            // A quarter of the host's memory, and at least 512 MiB of it, stays with the host.
            let total = processes.memoryBytes
            let shared = max(total - max(total / 4, 512 << 20), 64 << 20)
            memoryBytes = ((shared / Int64(nodes)) >> 20) << 20
        }

        init?(_ json: JSON) {
            guard let cpus = json["cpus"]?.integer.flatMap({ Int(exactly: $0) }), cpus > 0,
                let memory = json["memory_bytes"]?.integer, memory > 0
            else { return nil }
            self.cpus = cpus
            memoryBytes = memory
        }
    }

    static let fileName = "cluster.json"

    /// Where the state is unless the user names a directory.
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

    init(
        directory: String, clusterID: String, hypervisor: NodeConfiguration.HypervisorName, logLevel: String,
        nodes: [Node]
    ) {
        self.directory = directory
        self.clusterID = clusterID
        self.hypervisor = hypervisor
        self.logLevel = logLevel
        self.nodes = nodes
    }

    private init?(_ json: JSON, directory: String) {
        guard let clusterID = json["cluster_id"]?.string,
            let hypervisor = json["hypervisor"]?.string.flatMap(NodeConfiguration.HypervisorName.init),
            let nodes = json["nodes"]?.array, !nodes.isEmpty, nodes.count <= UpRequest.largestNodes
        else { return nil }
        let logLevel = json["log_level"]?.string ?? UpRequest.defaultLogLevel
        guard NodeConfiguration.logLevels.contains(logLevel) else { return nil }
        var known: [Node] = []
        for node in nodes {
            let ports = 1...Int64(65_535 - UpRequest.bootstrapOffset)
            guard let id = node["id"]?.integer, id > 0, let port = node["port"]?.integer, ports.contains(port),
                !known.contains(where: { $0.id == UInt64(id) })
            else { return nil }
            let share = Share(node)
            guard share != nil || node["cpus"] == nil && node["memory_bytes"] == nil else { return nil }
            let key = node["key"]?.string.flatMap { PublicKey(hex: $0) }
            known.append(Node(id: UInt64(id), port: Int(port), key: key, share: share))
        }
        self.init(
            directory: directory, clusterID: clusterID, hypervisor: hypervisor, logLevel: logLevel, nodes: known)
        sourceDirectories = json["source_dirs"]?.array?.compactMap(\.string) ?? []
    }

    private var json: JSON {
        [
            "cluster_id": .string(clusterID), "hypervisor": .string(hypervisor.rawValue),
            "log_level": .string(logLevel),
            "nodes": .array(
                nodes.map { node in
                    var json: JSON = [
                        "id": .integer(Int64(node.id)), "port": .integer(Int64(node.port)),
                        "key": node.key.map { .string($0.description) } ?? .null,
                    ]
                    if let share = node.share {
                        json["cpus"] = .integer(Int64(share.cpus))
                        json["memory_bytes"] = .integer(share.memoryBytes)
                    }
                    return json
                }),
            "source_dirs": .array(sourceDirectories.map(JSON.string)),
        ]
    }

    func dataDirectory(of node: Node) -> String { "\(directory)/\(node.name)" }
    func logFile(of node: Node) -> String { "\(directory)/\(node.name).log" }
    func processFile(of node: Node) -> String { "\(directory)/\(node.name).pid" }
    /// Held by a node's process for as long as it has its log open.
    func logLockFile(of node: Node) -> String { WriteAheadLog.lockFile(in: dataDirectory(of: node) + "/raft") }
    var lockFile: String { directory + "/up.lock" }

    /// The members as far as they are known.
    var members: [ContextMember] {
        nodes.compactMap { node in
            node.key.map { ContextMember(id: node.id, name: node.name, key: $0, addresses: [node.address]) }
        }
    }
}
