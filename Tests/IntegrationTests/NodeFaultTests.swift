import Glibc
import JSONText
import Synchronization
import Testing

extension IntegrationTests {
    /// What happens when node processes end, on a cluster of three whose machines are real.
    @Suite(
        "A node that ends", .enabled(if: RealQEMU.mayRun, RealQEMU.reason), .serialized,
        .cluster(nodes: 3, hypervisor: "qemu") { cluster in
            try await cluster.create(["one", "two", "three"], on: [1, 2, 3])
        })
    struct NodeFaultTests {
        let cluster: TestCluster
        private let names = ["one", "two", "three"]

        init() throws {
            cluster = try .ofSuite
        }

        @Test(
            "A node that ends leaves its machines running, and adopts them when it is back",
            arguments: [SIGTERM, SIGKILL])
        func adoption(signal: Int32) async throws {
            let before = try await cluster.machineRuns("three")
            let pid = try #require(before.pid)
            let node = try #require(cluster.processID(of: 3))
            try await cluster.end(3, by: signal)
            #expect(HostProcess.isAlive(pid))
            try cluster.restart(3)
            try await cluster.allNodesReady()
            #expect(cluster.processID(of: 3) != node)
            // Only a node that has the machine in its hands again mends a pause.
            let monitor = try AdminMonitor(machineDirectory: cluster.machineDirectory(before))
            try monitor.execute("stop")
            try await eventually("the adopted machine to be mended") {
                let status = try monitor.execute("query-status")
                guard status["status"] == "running" else { throw NotYet("\(status)\n\(cluster.logs)") }
            }
            let after = try await cluster.machineRuns("three")
            #expect(after.pid == pid && after.restarts == 0)
            #expect(after["status"]?["startedAt"] == before["status"]?["startedAt"])
            try await noDrift()
        }

        @Test("After kill -9 of the leader another leads, and apply works; nothing acknowledged is lost")
        func killedLeader() async throws {
            let writer = Writer(cluster, prefix: "led")
            try await writer.write(3)
            let leader = try await cluster.leader()
            let term = try #require(try await cluster.json("cluster status")["term"]?.integer)
            try await cluster.end(leader, by: SIGKILL)
            let next = try await eventually("another leader") {
                let state = try JSON(parsing: try await cluster.run("cluster status -o json").output)
                guard let id = state["leader"]?["id"]?.integer, Int(id) != leader else { throw NotYet("\(state)") }
                #expect(try #require(state["term"]?.integer) > term)
                return Int(id)
            }
            #expect(next != leader)
            try await writer.write(3)
            try await cluster.create(["after-the-leader"])
            try cluster.restart(leader)
            try await cluster.allNodesReady()
            try await writer.expectAll()
            try await cluster.succeed("delete vm after-the-leader")
        }

        @Test("Any node may end, again and again, while writes go on: nothing acknowledged is lost")
        func killedUnderLoad() async throws {
            let writer = Writer(cluster, prefix: "load")
            for victim in [1, 2, 3] {
                async let writing: Void = writer.write(6)
                try await cluster.end(victim, by: SIGKILL)
                try cluster.restart(victim)
                try await writing
                try await cluster.allNodesReady()
            }
            try await writer.expectAll()
        }

        @Test("All nodes ended and started again are the same cluster with the same state, and adopt the machines")
        func allKilled() async throws {
            let writer = Writer(cluster, prefix: "all")
            try await writer.write(4)
            let status = try await cluster.json("cluster status")
            let before = try await machines()
            for node in cluster.nodes { kill(try #require(cluster.processID(of: node)), SIGKILL) }
            for node in cluster.nodes {
                try await eventually("the end of node-\(node)") {
                    if cluster.processID(of: node) != nil { throw NotYet("it runs") }
                }
            }
            #expect(before.allSatisfy { $0.pid.map(HostProcess.isAlive) == true })
            for node in cluster.nodes { try cluster.restart(node) }
            try await cluster.allNodesReady()
            let after = try await machines()
            #expect(after.map(\.pid) == before.map(\.pid))
            #expect(after.map(\.restarts) == before.map(\.restarts))
            #expect(after.map { $0["metadata"]?["uid"] } == before.map { $0["metadata"]?["uid"] })
            #expect(after.map { $0["spec"] } == before.map { $0["spec"] })
            let again = try await cluster.json("cluster status")
            #expect(again["clusterID"] == status["clusterID"])
            #expect(again["nodes"]?.array?.map { $0["key"] } == status["nodes"]?.array?.map { $0["key"] })
            try await writer.expectAll()
            try await noDrift()
        }

        private func machines() async throws -> [JSON] {
            var machines: [JSON] = []
            for name in names { machines.append(try await cluster.machineRuns(name)) }
            return machines
        }

        private func noDrift() async throws {
            try await eventually("no difference") {
                let diff = try await cluster.run("diff")
                guard diff.exitCode == 0 else { throw NotYet("\(diff)") }
            }
        }
    }
}

/// Writes small objects one after the other and remembers which were acknowledged.
///
/// Whatever the answer to a write that got none, the command that the program printed is repeated: it takes effect
/// once.
private final class Writer: Sendable {
    private let cluster: TestCluster
    private let prefix: String
    private let acknowledged = Mutex<[String]>([])

    init(_ cluster: TestCluster, prefix: String) {
        self.cluster = cluster
        self.prefix = prefix
    }

    func write(_ count: Int) async throws {
        for _ in 0..<count {
            let name = "\(prefix)-\(acknowledged.withLock(\.count))"
            var words = ["vm", "create", name, "--run-strategy", "Halted"]
            try await eventually("the creation of \(name)") {
                let result = try await cluster.run(words)
                if let again = result.repetition { words = again }
                guard result.exitCode == 0 else { throw NotYet("\(result)") }
                #expect(result.output == "virtualmachine.blixard.dev/\(name) created\n")
            }
            acknowledged.withLock { $0.append(name) }
        }
    }

    func expectAll() async throws {
        let listed = Set(try await cluster.succeed("get vms -o name").split(separator: "\n").map(String.init))
        let names = acknowledged.withLock(\.self)
        for name in names { #expect(listed.contains("virtualmachine.blixard.dev/\(name)"), "\(name) is lost") }
        try await cluster.succeed("delete vm \(names.joined(separator: " "))")
    }
}
