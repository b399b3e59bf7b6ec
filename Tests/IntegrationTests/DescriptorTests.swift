import Glibc
import JSONText
import Mesh
import TestFiles
import Testing

extension IntegrationTests {
    /// What those cost a cluster who only hold connections, and what a process does that has no descriptor left.
    @Suite("Connections and descriptors", .serialized) struct DescriptorTests {
        @Test("A process that may have too few descriptors says how many it needs", arguments: [16, 64])
        func tooFew(limit: Int) async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "simulated") { cluster in
                let bind = ["--bind", "127.0.0.1:\(cluster.port(of: 1))", "--data-dir", cluster.directory(of: 1)]
                let founded = try await cluster.run(["cluster", "init", "--id", "1"] + bind)
                #expect(founded.exitCode == 0, "\(founded)")
                let script = "ulimit -n \(limit) && exec \"$@\""
                let node = try RunningProgram(
                    "/bin/sh",
                    ["-c", script, "sh", BuiltProgram.path, "node", "--hypervisor", "simulated"] + bind,
                    environment: cluster.environment, outputBase: "\(cluster.root)/output/few")
                defer { node.kill() }
                let result = try await node.result(within: .seconds(60))
                #expect(result.exitCode == 1, "\(result)")
                #expect(result.errors.contains("this process may have \(limit)"), "\(result)")
                #expect(result.errors.contains("ulimit -n"), "\(result)")
            }
        }

        @Test("Connections that are only held keep nobody from an answer, and cost no leader its place")
        func held() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                try await cluster.up()
                let leader = try await cluster.leader()
                let term = try await cluster.json("cluster status")["term"]
                var held: [PlainSocket] = []
                for _ in 0..<200 { held.append(try PlainSocket(port: cluster.port(of: leader))) }
                for _ in 0..<200 { held.append(try PlainSocket(port: cluster.bootstrapPort(of: leader))) }
                for _ in 0..<20 {
                    #expect(try PlainResponse(port: cluster.bootstrapPort(of: leader), path: "/healthz").status == 200)
                }
                try await cluster.create(["among-many"])
                let metrics = try PlainResponse(port: cluster.bootstrapPort(of: leader), path: "/metrics").body
                #expect(metrics.contains("\nblixard_raft_voters_connected 3\n"))
                let status = try await cluster.json("cluster status")
                #expect(status["term"] == term)
                withExtendedLifetime(held) {}
            }
        }

        @Test("A crowd of held connections costs little memory, and everybody else is answered")
        func crowd() async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "simulated") { cluster in
                try await cluster.up()
                let viewer = Identity()
                let granted = try await cluster.run(["access", "grant", "\(viewer.publicKey)", "--role", "viewer"])
                #expect(granted.exitCode == 0, "\(granted)")
                let node = try #require(cluster.processID(of: 1))
                let before = try residentBytes(of: node)
                let crowd = HeldConnections(port: cluster.port(of: 1))
                #expect(await crowd.hold(320) { viewer } > 0)
                #expect(await crowd.hold(320) { Identity() } > 0)
                var half: [PlainSocket] = []
                for _ in 0..<200 { half.append(try PlainSocket(port: cluster.port(of: 1))) }
                for _ in 0..<10 {
                    #expect(try PlainResponse(port: cluster.bootstrapPort(of: 1), path: "/healthz").status == 200)
                }
                try await cluster.create(["among-a-crowd"])
                let growth = try residentBytes(of: node) - before
                #expect(growth < 64 << 20, "\(growth) bytes")
                withExtendedLifetime(half) {}
                await crowd.close()
                #expect(cluster.processID(of: 1) == node)
            }
        }

        @Test(
            "A node whose last descriptor is taken lives on without spinning, and serves again after",
            arguments: [2, -16])
        func exhausted(more: Int) async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "simulated") { cluster in
                let up = [
                    "up", "--detach", "--nodes", "1", "--hypervisor", "simulated", "--data-dir",
                    cluster.dataDirectory, "--base-port", "\(cluster.basePort)",
                ]
                #expect(try await cluster.run(up, environment: ["BLIXARD_SMALL_LOG": "1"]).exitCode == 0)
                try await cluster.create(["before"])
                let node = try #require(cluster.processID(of: 1))
                // More than it can accept are waiting from now on.
                try await setLimit(of: node, to: TextFile.names(in: "/proc/\(node)/fd").count + more, cluster)
                var waiting: [PlainSocket] = []
                for _ in 0..<20 { waiting.append(try PlainSocket(port: cluster.port(of: 1))) }
                // A loop that asks again and again for a descriptor never sleeps, however busy the host is.
                try await eventually("a moment in which all of the node sleeps") {
                    guard isAsleep(node) else { throw NotYet("a thread runs") }
                }
                #expect(HostProcess.isAlive(node))
                try await setLimit(of: node, to: 4096, cluster)
                waiting = []
                try await cluster.eventuallySucceeds("get vms")
                try await cluster.create(["after"])
                #expect(cluster.processID(of: 1) == node)
            }
        }

        /// What of the process's memory is in the host's.
        private func residentBytes(of process: Int32) throws -> Int {
            let line = (TextFile.read("/proc/\(process)/status") ?? "").split(separator: "\n")
                .first { $0.hasPrefix("VmRSS:") }
            guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                throw TestFailure("process \(process) tells no VmRSS")
            }
            return kibibytes << 10
        }

        /// Sets the soft limit of a running process.
        private func setLimit(of process: Int32, to limit: Int, _ cluster: TestCluster) async throws {
            let program = try RunningProgram(
                "/usr/bin/prlimit", ["--pid", "\(process)", "--nofile=\(limit):"], environment: cluster.environment,
                outputBase: "\(cluster.root)/output/limit-\(limit)")
            let result = try await program.result(within: .seconds(30))
            guard result.exitCode == 0 else { throw TestFailure("prlimit: \(result)") }
        }

        /// Whether none of its threads runs or wants to.
        private func isAsleep(_ process: Int32) -> Bool {
            TextFile.names(in: "/proc/\(process)/task").allSatisfy { thread in
                // A thread that has gone meanwhile does not run.
                guard let stat = TextFile.read("/proc/\(process)/task/\(thread)/stat"),
                    let end = stat.lastIndex(of: ")")
                else { return true }
                return stat[end...].dropFirst().first { $0 != " " } != "R"
            }
        }
    }
}
