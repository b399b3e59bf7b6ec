import Glibc
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// Nodes that come back when the log no longer holds what they missed. Logs are cut early here.
    @Suite("A node that was away", .serialized) struct CatchUpTests {
        private func with(_ body: (TestCluster) async throws -> Void) async throws {
            try await TestCluster.with(
                nodes: 3, hypervisor: "simulated", nodeEnvironment: ["BLIXARD_SMALL_LOG": "1"]
            ) { cluster in
                try await cluster.formByHand()
                try await body(cluster)
            }
        }

        private func caughtUp(_ node: Int, of cluster: TestCluster, _ machine: String, text: Character) async throws {
            try await eventually("node-\(node) to be caught up", within: .seconds(120)) {
                let note = try await cluster.staleNote(of: machine, at: node)
                guard note?.first == text else { throw NotYet("\(note?.first as Any)\n\(cluster.logs)") }
            }
        }

        @Test("A node that was away gets a snapshot and the log's rest; what others wrote made no log of theirs grow")
        func snapshot() async throws {
            try await with { cluster in
                try await cluster.end(3, by: SIGKILL)
                let missedFrom = try await cluster.committed()
                // 60 objects of a kilobyte, written anew again and again: 2.4 MB through a log that is cut at 256 KiB.
                for round in 0..<40 {
                    try await cluster.applyNotes(
                        60, prefix: "note", text: String(Character(Unicode.Scalar(UInt8(97 + round % 26)))))
                }
                for node in [1, 2] {
                    try await eventually("the log of node-\(node) to be cut") {
                        let bytes = cluster.logBytes(of: node)
                        guard bytes < 1500 << 10 else { throw NotYet("\(bytes) bytes\n\(cluster.logs)") }
                        // One more is there while the newest is being stored.
                        let files = TextFile.names(in: cluster.directory(of: node) + "/raft")
                        guard files.filter({ $0.hasSuffix(".snap") }).count == 2 else { throw NotYet("\(files)") }
                    }
                }
                try await cluster.untilForgotten(missedFrom, by: [1, 2])
                try cluster.restart(3)
                try await caughtUp(3, of: cluster, "note-59", text: "n")
                try await eventually("node-3 to say that it took a snapshot") {
                    guard cluster.program(of: 3)?.errors.contains("took a snapshot") == true else {
                        throw NotYet(cluster.logs)
                    }
                }
                // The rest comes by the log again, and what was received in part is gone.
                try await cluster.applyNotes(60, prefix: "note", text: "Z")
                try await caughtUp(3, of: cluster, "note-0", text: "Z")
                try await eventually("the received file to go") {
                    let files = TextFile.names(in: cluster.directory(of: 3) + "/incoming")
                    guard files.isEmpty else { throw NotYet("\(files)") }
                }
                // It starts again from what it has got.
                try await cluster.end(3, by: SIGKILL)
                try cluster.restart(3)
                try await cluster.allNodesReady()
                try await caughtUp(3, of: cluster, "note-30", text: "Z")
            }
        }

        @Test(
            "A node that was away catches up although it, or the node that sends to it, is killed in the middle",
            arguments: [true, false])
        func killed(receiver: Bool) async throws {
            try await with { cluster in
                try await cluster.end(3, by: SIGKILL)
                let missedFrom = try await cluster.committed()
                // More entries than a log keeps behind a snapshot, and then so many bytes that it is cut.
                for round in 0..<15 {
                    try await cluster.applyNotes(1, prefix: "tail", text: round % 2 == 0 ? "a" : "b")
                }
                for part in 0..<5 { try await cluster.applyNotes(400, prefix: "part-\(part)", text: "x") }
                try await cluster.applyNotes(12, prefix: "last", text: "L")
                try await cluster.untilForgotten(missedFrom, by: [1, 2])
                let sender = try await cluster.leader()
                try cluster.restart(3)
                let incoming = cluster.directory(of: 3) + "/incoming"
                try await eventually("a part of the snapshot to arrive") {
                    let errors = cluster.program(of: 3)?.errors ?? ""
                    guard !TextFile.names(in: incoming).isEmpty || errors.contains("took a snapshot") else {
                        throw NotYet("nothing yet\n\(cluster.logs)")
                    }
                }
                let victim = receiver ? 3 : sender
                try await cluster.end(victim, by: SIGKILL)
                if receiver { try cluster.restart(3) }
                try await caughtUp(3, of: cluster, "last-11", text: "L")
                try await caughtUp(3, of: cluster, "part-0-399", text: "x")
                if !receiver { try cluster.restart(victim) }
                try await cluster.allNodesReady()
            }
        }
    }

    /// A node that lost what it had written.
    @Suite("A node whose disk was replaced", .serialized) struct ReplacedDiskTests {
        @Test("A key that is removed or exchanged while the node runs concerns its next start, which ends with 70")
        func keyChangedWhileRunning() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                try await cluster.formByHand()
                let key = cluster.directory(of: 3) + "/key"
                let kept = cluster.root + "/key"
                for isExchanged in [false, true] {
                    try #require(rename(key, kept) == 0)
                    if isExchanged { try #require(link(cluster.directory(of: 2) + "/key", key) == 0) }
                    // It was read at the start.
                    try await cluster.allNodesReady()
                    try await cluster.end(3, by: SIGTERM)
                    let started = try await cluster.run(cluster.nodeArguments(3))
                    #expect(started.exitCode == 70, "\(started)")
                    let said = isExchanged ? "\(key) holds the key" : "\(key) is missing"
                    #expect(
                        started.errors.contains(said) && started.errors.contains("No new key was made"), "\(started)")
                    try #require(rename(kept, key) == 0)
                    try cluster.restart(3)
                    // The cluster calls a node ready that was away for a moment; this one is to have read its key.
                    try await eventually("node-3 to run") {
                        guard cluster.program(of: 3)?.errors.contains("the node runs") == true else {
                            throw NotYet("\(cluster.logs)")
                        }
                    }
                    try await cluster.allNodesReady()
                }
            }
        }

        @Test("T39: a node without its log, without its key or with another key is refused under its old id")
        func oldID() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                try await cluster.formByHand()
                let directory = cluster.directory(of: 3)
                let nodes = try #require(try await cluster.json("cluster status")["nodes"]?.array)
                let known = try #require(nodes.first { $0["name"]?.string == "node-3" }?["key"]?.string)
                try await cluster.end(3, by: SIGKILL)
                func isRefused(_ how: String) async throws {
                    let started = try await cluster.run(cluster.nodeArguments(3))
                    #expect(started.exitCode == 70, "\(how): \(started)")
                    #expect(started.errors.contains(directory + "/key") && started.errors.contains(known), "\(started)")
                    #expect(started.errors.contains("ticket create --for-node node-3"), "\(started)")
                }

                try #require(rename(directory + "/key", cluster.root + "/key") == 0)
                try await isRefused("without a key")
                #expect(TextFile.read(directory + "/key") == nil)
                // The key of another node.
                let other = try await cluster.run(
                    [
                        "cluster", "init", "--bind", "127.0.0.1:\(cluster.port(of: 3))", "--data-dir",
                        cluster.root + "/other",
                    ], environment: ["BLIXARD_CONTEXT": cluster.root + "/config/other.json"])
                try #require(other.exitCode == 0, "\(other)")
                try #require(rename(cluster.root + "/other/key", directory + "/key") == 0)
                try await isRefused("with another key")
                try #require(rename(cluster.root + "/key", directory + "/key") == 0)
                try cluster.restart(3)
                let status = try await eventually("node-3 to be back") {
                    let status = try await cluster.run(
                        "cluster status -o json --consistency stale --addr \(cluster.registry(of: 3))")
                    guard status.exitCode == 0, try JSON(parsing: status.output)["quorum"]?["connected"]?.integer == 3
                    else { throw NotYet("\(status)\n\(cluster.logs)") }
                    return status
                }
                #expect(status.output.contains(known))
                // Without its log it does not even start: it may have voted.
                try await cluster.end(3, by: SIGKILL)
                TextFile.remove(tree: directory + "/raft")
                let started = try await cluster.run(cluster.nodeArguments(3))
                #expect(started.exitCode != 0 && started.errors.contains(directory + "/raft"), "\(started)")
            }
        }

        @Test("A node with a new disk gets a new id, and its name and its machines by an operator's word only")
        func newID() async throws {
            try await TestCluster.with(nodes: 3, hypervisor: "simulated") { cluster in
                try await cluster.formByHand()
                let before = try await machine(on: 3, of: cluster)
                let answers = try await cluster.run("cluster remove node-3")
                #expect(answers.exitCode == 1 && answers.errors.contains("--force"), "\(answers)")

                try await cluster.end(3, by: SIGKILL)
                TextFile.remove(tree: cluster.directory(of: 3))
                let empty = try await cluster.run(cluster.nodeArguments(3))
                #expect(empty.exitCode == 1 && empty.errors.contains("holds no node"), "\(empty)")
                let early = try await cluster.run("ticket create --for-node node-3")
                #expect(early.exitCode == 1 && early.errors.contains("blixard cluster remove node-3"), "\(early)")

                try await eventually("node-3 to be removed") {
                    let removed = try await cluster.run("cluster remove node-3")
                    guard removed.exitCode == 0 else { throw NotYet("\(removed)") }
                    #expect(removed.output.contains("node.blixard.dev/node-3 removed from the cluster"))
                    #expect(removed.output.contains("still bound to its name: kept"), "\(removed)")
                }
                try await cluster.voters(2)
                #expect(try await cluster.machine("kept").node == "node-3")
                // Anybody's ticket lets a node in, but not as the one whose machines are waiting.
                let usual = try await cluster.succeed("ticket create").filter { !$0.isWhitespace }
                let claimed = try await cluster.run(cluster.nodeArguments(3, ticket: usual) + ["--name", "node-3"])
                #expect(claimed.exitCode == 1 && claimed.errors.contains("--for-node node-3"), "\(claimed)")

                let ticket = try await cluster.succeed("ticket create --for-node node-3").filter { !$0.isWhitespace }
                try cluster.startNode(3, cluster.nodeArguments(3, ticket: ticket))
                try await cluster.voters(3)
                let nodes = try #require(try await cluster.json("cluster status")["nodes"]?.array)
                let node = try #require(nodes.first { $0["name"]?.string == "node-3" })
                #expect(try #require(node["id"]?.integer) > 3)
                let after = try await cluster.machine("kept", until: "running there again") {
                    $0.phase == "Running" && $0["status"]?["epoch"] != before["status"]?["epoch"]
                }
                #expect(after.node == "node-3")
                #expect(after["metadata"]?["uid"] == before["metadata"]?["uid"])
                #expect(try #require(after["status"]?["epoch"]?.integer) > before["status"]?["epoch"]?.integer ?? 0)
            }
        }

        private func machine(on node: Int, of cluster: TestCluster) async throws -> JSON {
            let path = cluster.root + "/kept.json"
            try TextFile.write(
                """
                {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "kept"},
                 "spec": {"memory": "32Mi", "nodeName": "node-\(node)"}}
                """, to: path)
            try await cluster.eventuallySucceeds("apply -f \(path)")
            return try await cluster.machine("kept", until: "Running") { $0.phase == "Running" }
        }
    }
}
