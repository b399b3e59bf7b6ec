import API
import Contract
import Glibc
import Host
import JSONText
import Manifest
import Mesh
import Primitives

/// A cluster of real node processes on the loopback interface, with real writes to disk.
final class LocalCluster: Sendable {
    let place: Workplace
    let nodes: [LocalNode]
    let identity: Identity
    /// Of commands that speak to this cluster.
    let environment: [String]

    init(place: Workplace, nodes: [LocalNode], identity: Identity, environment: [String]) {
        self.place = place
        self.nodes = nodes
        self.identity = identity
        self.environment = environment
    }

    /// A client with connections of its own that tries `first` first.
    func client(first: LocalNode? = nil) -> APIClient {
        let others = nodes.filter { $0.key != nil && $0 !== first }
        let ordered = (first.map { [$0] } ?? []) + others
        return APIClient(identity: identity, endpoints: ordered.map(\.endpoint), timeouts: .interactive)
    }

    /// The same on a loop that it shares with others.
    func client(first: LocalNode, on loop: ClientLoop) -> APIClient {
        APIClient(identity: identity, endpoints: [first.endpoint], timeouts: .interactive, on: loop)
    }

    /// The node that leads.
    func leader() async throws -> LocalNode {
        let client = client()
        defer { client.close() }
        var found: LocalNode?
        try await eventually("a leader") {
            let id = try await state(client, .stale).leader?.id
            found = nodes.first { $0.id == id }
            return found != nil
        }
        guard let found else { throw BenchmarkFailure("no node leads") }
        return found
    }

    func restart(_ node: LocalNode) throws {
        try node.start(in: place, environment: environment)
    }

    /// What all nodes have used.
    func use() throws -> ProcessUse {
        try nodes.reduce(ProcessUse.none) { $0 + (try $1.use) }
    }

    /// A figure of all nodes' `/metrics` together.
    func sum(_ metric: String) throws -> Double {
        try nodes.reduce(0) { $0 + (try $1.metrics[metric]) }
    }

    /// Waits until all nodes are voters, connected with each other, and have applied the same.
    func settle() async throws {
        try await eventually("all nodes to be voters that have applied the same") {
            let metrics = try nodes.map { try $0.metrics }
            let applied = Set(try metrics.map { try $0["raft_applied_index"] })
            return try applied.count == 1
                && metrics.allSatisfy {
                    try $0["raft_voters"] == Double(nodes.count) && $0["raft_has_leader"] == 1
                        && $0["raft_voters_connected"] == Double(nodes.count)
                }
        }
    }

    /// Asks again and again until it is so. A failure counts as not yet, but not the end of a node.
    func eventually(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let watch = Stopwatch()
        var reason = ""
        while true {
            do {
                if try await isSo() { return }
                reason = ""
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                reason = ": \(error)"
            }
            if let ended = nodes.first(where: { $0.end != nil }) {
                throw BenchmarkFailure("\(ended.name) ended while waiting for \(what)\(reason)")
            }
            guard watch.seconds < 120 else { throw BenchmarkFailure("timed out waiting for \(what)\(reason)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// The paths of objects that benchmarks use.
enum ClusterPath {
    static let nodes = ResourcePath.collection(.node, namespace: nil)
    static let machines = ResourcePath.collection(.virtualMachine, namespace: KindInfo.defaultNamespace)

    static func machine(_ name: String) -> String {
        ResourcePath.object(.virtualMachine, namespace: KindInfo.defaultNamespace, name: name)
    }
}
