import Glibc
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// How clusters come into being, end and come back, with machines in memory.
    @Suite("A cluster is formed") struct FormationTests {
        @Test("A cluster is formed by hand: founded, joined with a ticket, and started again without one")
        func byHand() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                let first = ["--bind", "127.0.0.1:\(cluster.port(of: 1))", "--data-dir", cluster.directory(of: 1)]
                let founded = try await cluster.run(
                    ["cluster", "init", "--id", "1", "--hypervisor", "simulated"] + first)
                #expect(founded.exitCode == 0)
                #expect(founded.output.contains(/cluster [0-9a-f]{32} founded with node-1 \([0-9a-f]{64}\)/))
                #expect(founded.output.contains("administrator: "))
                // The line that it prints is the line that runs the node.
                let line = try #require(founded.lines.last)
                let words = line.split(separator: " ").map(String.init)
                #expect(words.prefix(2) == ["blixard", "node"])
                try cluster.startNode(1, Array(words.dropFirst()))
                try await cluster.eventuallySucceeds("get nodes")

                let twice = try await cluster.run(["cluster", "init", "--id", "1"] + first)
                #expect(twice.exitCode == 1)
                #expect(twice.errors.contains("already holds node 1 of cluster"), "\(twice)")

                let ticket = try await cluster.succeed("ticket create").filter { !$0.isWhitespace }
                #expect(ticket.hasPrefix("blx1"))
                try cluster.startNode(2, joining(2, cluster, ticket))
                try await voters(2, of: cluster)

                // It was good for one node, and that node needs it no more.
                let other = try await cluster.run(joining(3, cluster, ticket))
                #expect(other.exitCode == 1)
                #expect(other.errors.contains("the cluster refuses this node"), "\(other)")
                let garbled = try await cluster.run(joining(3, cluster, String(ticket.dropLast(7)) + "aaaaaaa"))
                #expect(garbled.exitCode == 1 && garbled.errors.contains("ticket"), "\(garbled)")
                try await cluster.end(2, by: SIGTERM)
                #expect(cluster.program(of: 2)?.exitCode == 0)
                try cluster.startNode(
                    2,
                    ["node", "--data-dir", cluster.directory(of: 2), "--hypervisor", "simulated"]
                        + ["--bind", "127.0.0.1:\(cluster.port(of: 2))"])
                try await cluster.create(["joined"], on: [2])
                let status = try await cluster.succeed("cluster status")
                #expect(status.contains("- Node 2: 127.0.0.1:\(cluster.port(of: 2)) (Follower)"), "\(status)")
            }
        }

        @Test("T39: a node that kept its key and lost its log is refused until it is removed, and is another one then")
        func keyWithoutLog() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                try await cluster.formByHand()
                let before = try await cluster.json("cluster status")
                let key = try #require(before["nodes"]?.array?.first { $0["name"] == "node-2" }?["key"])
                try await cluster.end(2, by: SIGTERM)
                let directory = cluster.directory(of: 2)
                func forget(_ path: String) { #expect(remove(path) == 0, "\(path)") }
                forget(directory + "/node.json")
                let ticket = try await cluster.succeed("ticket create").filter { !$0.isWhitespace }
                // With its log it is who it was.
                try cluster.startNode(2, joining(2, cluster, ticket))
                try await cluster.create(["joined"], on: [2])
                try await cluster.end(2, by: SIGTERM)
                forget(directory + "/node.json")
                for name in TextFile.names(in: directory + "/raft") { forget(directory + "/raft/" + name) }
                let refused = try await cluster.run(joining(2, cluster, ticket))
                #expect(refused.exitCode == 1, "\(refused)")
                #expect(refused.errors.contains("blixard cluster remove node-2"), "\(refused)")
                try await voters(3, of: cluster)

                try await cluster.eventuallySucceeds("cluster remove node-2")
                try await voters(2, of: cluster)
                try cluster.startNode(2, joining(2, cluster, ticket))
                try await voters(3, of: cluster)
                let after = try await cluster.json("cluster status")
                let node = try #require(after["nodes"]?.array?.first { $0["key"] == key }, "\(after)")
                #expect(node["id"] == 4 && node["name"] == "node-4", "\(after)")
            }
        }

        @Test("No node forms a cluster itself: an empty directory without a ticket is an error that says both ways")
        func emptyDirectory() async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "simulated") { cluster in
                let directory = cluster.root + "/empty"
                let result = try await cluster.run([
                    "node", "--bind", "127.0.0.1:\(cluster.basePort)", "--data-dir", directory,
                ])
                #expect(result.exitCode == 1)
                #expect(result.errors.contains("error: \(directory) holds no node"), "\(result)")
                #expect(result.errors.contains("blixard cluster init --id 1 --bind"))
                #expect(result.errors.contains("--join-ticket") && result.errors.contains("blixard ticket create"))
                #expect(TextFile.names(in: directory).isEmpty)
            }
        }

        @Test("A cluster is formed by up, without QEMU too; a second up is refused; down and up give the same cluster")
        func upAndDown() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                // Nothing of QEMU is to be found.
                let bare = ["PATH": "/nonexistent"]
                let missing = try await cluster.run(
                    ["up", "--detach", "--data-dir", cluster.dataDirectory], environment: bare)
                #expect(missing.exitCode == 1)
                #expect(missing.errors.contains("QEMU is missing"), "\(missing)")
                #expect(missing.errors.contains("--hypervisor simulated"))

                let manifests = BuiltProgram.packageDirectory + "/manifests/quickstart"
                let up = [
                    "up", "--detach", "--hypervisor", "simulated", "--data-dir", cluster.dataDirectory, "--base-port",
                    "\(cluster.basePort)",
                ]
                let first = try await cluster.run(up + ["-f", manifests], environment: bare)
                #expect(first.exitCode == 0, "\(first)\n\(cluster.logs)")
                #expect(first.output.contains("virtualmachine.blixard.dev/web-1 created"))
                #expect(first.output.contains(/virtualmachine.blixard.dev\/web-1 ready \(node-[123]\)/))
                #expect(first.output.contains("virtualmachine.blixard.dev/batch-1 stopped"))
                #expect(first.output.contains(/node-3 +Ready +voter/))
                #expect(first.output.contains("blixard down --data-dir \(cluster.dataDirectory)"))

                let second = try await cluster.run(up)
                #expect(second.exitCode == 1)
                #expect(second.errors.contains("runs already: node-1 (pid "), "\(second)")
                #expect(second.errors.contains("blixard down"))

                let before = try await cluster.json("cluster status")
                let machine = try await cluster.machine("web-1")
                let down = try await cluster.run(["down", "--data-dir", cluster.dataDirectory])
                #expect(down.exitCode == 0)
                #expect(down.errors.contains("stopped") && !down.errors.contains("can't"), "\(down)")
                for node in cluster.nodes { #expect(cluster.processID(of: node) == nil) }
                let idle = try await cluster.run(["down", "--data-dir", cluster.dataDirectory])
                #expect(idle.exitCode == 0 && idle.output == "nothing runs in \(cluster.dataDirectory)\n")
                let nobody = try await cluster.run("get vms")
                #expect(nobody.exitCode == 1)
                #expect(nobody.errors.contains("Unable to connect to the server"), "\(nobody)")

                let other = try await cluster.run(up + ["--nodes", "5"])
                #expect(other.exitCode == 1 && other.errors.contains("has 3"), "\(other)")
                try await cluster.up()
                let after = try await cluster.json("cluster status")
                #expect(after["clusterID"] == before["clusterID"])
                #expect(after["nodes"]?.array?.map { $0["key"] } == before["nodes"]?.array?.map { $0["key"] })
                let again = try await cluster.machineRuns("web-1")
                #expect(again["metadata"]?["uid"] == machine["metadata"]?["uid"])
                #expect(again.node == machine.node && again["spec"] == machine["spec"])
                let diff = try await cluster.run(["diff", "-f", manifests])
                #expect(diff.exitCode == 0, "\(diff)")
            }
        }

        @Test(
            "A cluster stays in the foreground with up; SIGTERM stops machines and nodes", .enabled(if: RealQEMU.mayRun)
        )
        func foreground() async throws {
            try await TestCluster.with(nodes: 1, hypervisor: "qemu") { cluster in
                let session = try cluster.start([
                    "up", "--nodes", "1", "--data-dir", cluster.dataDirectory, "--base-port", "\(cluster.basePort)",
                ])
                defer { session.kill() }
                try await eventually("up to be there") {
                    guard session.output.contains("Ctrl-C") else { throw NotYet("\(session.output)\(session.errors)") }
                }
                let machine = try await cluster.create(["guest"])[0]
                let pid = try #require(machine.pid)
                let node = try #require(cluster.processID(of: 1))
                kill(session.pid, SIGTERM)
                let result = try await session.result()
                #expect(result.errors.contains("stopping the machines of node-1"), "\(result)")
                #expect(!HostProcess.isAlive(node) && !HostProcess.isAlive(pid))
                try await cluster.up()
                #expect(try await cluster.machineRuns("guest").pid != pid)
            }
        }

        private func joining(_ node: Int, _ cluster: TestCluster, _ ticket: String) -> [String] {
            [
                "node", "--bind", "127.0.0.1:\(cluster.port(of: node))", "--data-dir", cluster.directory(of: node),
                "--hypervisor", "simulated", "--join-ticket", ticket,
            ]
        }

        private func voters(_ count: Int64, of cluster: TestCluster) async throws {
            try await eventually("\(count) voters") {
                let result = try await cluster.run("cluster status -o json")
                guard result.exitCode == 0,
                    try JSON(parsing: result.output)["quorum"]?["voters"]?.integer == count
                else { throw NotYet("\(result)\n\(cluster.logs)") }
            }
        }
    }
}
