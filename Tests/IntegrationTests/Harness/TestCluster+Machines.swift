import Glibc
import JSONText
import Primitives
import TestFiles

extension TestCluster {
    /// A machine as the cluster shows it.
    func machine(_ name: String) async throws -> JSON { try await json("get vm \(name)") }

    /// Waits until a machine is as wanted, and answers it.
    ///
    /// A cluster that gives no answer just now is asked again.
    @discardableResult
    func machine(_ name: String, until what: String, _ isSo: (JSON) -> Bool) async throws -> JSON {
        try await eventually("\(name) to be \(what)") {
            let result = try await run("get vm \(name) -o json")
            guard result.exitCode == 0 else { throw NotYet("\(result)") }
            let object = try JSON(parsing: result.output)
            guard isSo(object) else { throw NotYet("\(object["status"] ?? .null)\n\(logs)") }
            return object
        }
    }

    @discardableResult
    func machineRuns(_ name: String) async throws -> JSON {
        try await machine(name, until: "Running") { $0.phase == "Running" && $0.pid != nil }
    }

    /// The directory of a machine on the node that holds it.
    func machineDirectory(_ object: JSON) throws -> String {
        guard let uid = object["metadata"]?["uid"]?.string.flatMap({ UID($0) }),
            let node = object["status"]?["nodeName"]?.string
        else { throw TestFailure("the machine has no uid or no node: \(object)") }
        return "\(dataDirectory)/\(node)/machines/\(uid.short)"
    }

    /// Creates small machines with the built-in guest, and answers them once they run.
    @discardableResult
    func create(_ names: [String], on nodes: [Int?] = []) async throws -> [JSON] {
        var items: [JSON] = []
        for (position, name) in names.enumerated() {
            var spec: JSON = ["memory": "32Mi", "terminationGracePeriodSeconds": 2]
            if let node = position < nodes.count ? nodes[position] : nil { spec["nodeName"] = .string("node-\(node)") }
            items.append([
                "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": ["name": .string(name)],
                "spec": spec,
            ])
        }
        let path = root + "/\(names[0]).json"
        try TextFile.write(String(decoding: JSON.array(items).prettyBytes, as: UTF8.self), to: path)
        try await eventuallySucceeds("apply -f \(path)")
        var machines: [JSON] = []
        for name in names { machines.append(try await machineRuns(name)) }
        return machines
    }

    /// The number of the node that leads, as a quorum confirms it.
    func leader() async throws -> Int {
        try await eventually("a leader") {
            let result = try await run("cluster status -o json")
            guard result.exitCode == 0 else { throw NotYet("\(result)") }
            let state = try JSON(parsing: result.output)
            guard state["quorum"]?["has"]?.bool == true, let id = state["leader"]?["id"]?.integer else {
                throw NotYet("\(state)")
            }
            return Int(id)
        }
    }

    /// Waits until every node is there and reports.
    func allNodesReady() async throws {
        try await eventually("all nodes to be ready") {
            let result = try await run("get nodes --no-headers")
            let ready = result.lines.filter { $0.contains(" Ready ") }
            guard result.exitCode == 0, ready.count == nodes.count else { throw NotYet("\(result)\n\(logs)") }
        }
    }

    /// The messages of a machine's events whose reason is this.
    func events(of name: String, reason: String) async throws -> [String] {
        let list = try await json("events --for vm/\(name)")
        return (list["items"]?.array ?? []).filter { $0["reason"]?.string == reason }
            .compactMap { $0["message"]?.string ?? $0["note"]?.string }
    }
}

extension JSON {
    /// What the STATUS column of a machine says.
    var phase: String? { self["status"]?["phase"]?.string }
    var node: String? { self["status"]?["nodeName"]?.string }
    var pid: Int32? { self["status"]?["pid"]?.integer.flatMap { Int32(exactly: $0) } }
    var restarts: Int64? { self["status"]?["restarts"]?.integer }

    /// A condition of its status.
    func condition(_ type: String) -> JSON? {
        self["status"]?["conditions"]?.array?.first { $0["type"]?.string == type }
    }
}
