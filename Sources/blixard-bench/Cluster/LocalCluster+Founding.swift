import API
import Contract
import Host
import JSONText
import Mesh
import Primitives

extension LocalCluster {
    /// Founds a cluster, lets all nodes in, and waits until every one is ready.
    ///
    /// - Parameter hypervisor: `simulated` or `qemu`.
    static func start(nodes count: Int, hypervisor: String, in place: Workplace) async throws -> LocalCluster {
        let directory = try place.makeDirectory("cluster")
        let ports = try LoopbackPorts.free(2 * count)
        let nodes = (0..<count).map { position in
            LocalNode(
                id: UInt64(position + 1), ports: (ports[2 * position], ports[2 * position + 1]), directory: directory,
                hypervisor: hypervisor)
        }
        let context = "\(directory)/context.json"
        let key = "\(directory)/identity.key"
        let environment =
            ChildProcess.plainEnvironment
            + ["HOME=\(directory)", "BLIXARD_CONTEXT=\(context)", "BLIXARD_IDENTITY=\(key)"]
        try await place.run(["cluster", "init"] + nodes[0].arguments, environment: environment)
        guard let identity = try Identity.load(at: key), let text = Files.bytes(context) else {
            throw BenchmarkFailure("`blixard cluster init` left no key or no context")
        }
        let founded = try JSON(parsing: text)
        nodes[0].key = memberKey(founded["contexts"]?[0]?["members"], id: 1)
        let cluster = LocalCluster(place: place, nodes: nodes, identity: identity, environment: environment)
        try nodes[0].start(in: place, environment: environment)
        _ = try await cluster.leader()
        for node in nodes.dropFirst() { try await cluster.letIn(node) }
        try await cluster.waitForReadyNodes()
        try cluster.writeContext(founded, to: context)
        return cluster
    }

    private func letIn(_ node: LocalNode) async throws {
        let client = client()
        defer { client.close() }
        let request = TicketRequest(ttlSeconds: 600, uses: 1, node: nil)
        let ticket = try TicketAnswer(
            answer: try await client.send("POST", OwnPath.tickets.text, body: request.json, request: nil)
        ).ticket
        try node.start(in: place, environment: environment + ["BLIXARD_JOIN_TICKET=\(ticket)"])
        try await eventually("\(node.name) to join") {
            let members = try await state(client, .linearizable).nodes.map(\.member)
            node.key = members.first { $0.id == node.id }?.key
            return node.key != nil
        }
    }

    private func waitForReadyNodes() async throws {
        try await settle()
        let client = client()
        defer { client.close() }
        try await eventually("all nodes to be ready") {
            let items = try await client.get(ClusterPath.nodes)["items"]?.array ?? []
            let ready = items.filter { item in
                (item["status"]?["conditions"]?.array ?? []).contains {
                    $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
                }
            }
            return ready.count == nodes.count
        }
    }

    /// Lets commands know all members, as `blixard up` does.
    private func writeContext(_ founded: JSON, to path: String) throws {
        guard var entry = founded["contexts"]?[0] else { throw BenchmarkFailure("\(path) holds no context") }
        entry["members"] = .array(
            nodes.map { node in
                [
                    "id": .integer(Int64(node.id)), "name": .string(node.name),
                    "key": .string(node.key?.description ?? ""), "addresses": [.string(node.address)],
                ]
            })
        let json: JSON = ["current": founded["current"] ?? "", "contexts": [entry]]
        try DurableFile.write(json.canonicalBytes, to: path, mode: 0o600)
    }

    private static func memberKey(_ members: JSON?, id: UInt64) -> PublicKey? {
        let member = members?.array?.first { $0["id"]?.integer == Int64(id) }
        return member?["key"]?.string.flatMap { PublicKey(hex: $0) }
    }
}
