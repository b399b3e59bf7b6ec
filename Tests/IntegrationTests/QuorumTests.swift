import Glibc
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// A cluster of three that loses one node, and then a second one.
    @Suite(
        "A cluster that loses nodes", .enabled(if: RealQEMU.mayRun, RealQEMU.reason), .serialized,
        .cluster(nodes: 3, hypervisor: "qemu") { cluster in
            try await cluster.create(["one", "two", "three", "doomed"], on: [1, 2, 3, 3])
        })
    struct QuorumTests {
        let cluster: TestCluster

        init() throws {
            cluster = try .ofSuite
        }

        @Test("One of three down: the others go on, and its machines are Unknown, stay bound to it, and wait for it")
        func oneDown() async throws {
            let running = try await machines()
            let doomed = try #require(try await cluster.machineRuns("doomed").pid)
            try await cluster.end(3, by: SIGKILL)

            // Reads, writes and the machines of the other two are as before.
            try await cluster.eventuallySucceeds("label vm one checked=yes")
            #expect(try await cluster.machine("one")["metadata"]?["labels"]?["checked"] == "yes")
            let unknown = try await cluster.machine("three", until: "Unknown") { $0.phase == "Unknown" }
            #expect(unknown.node == "node-3")
            #expect(unknown.condition("Ready")?["reason"] == "NodeSilent")
            let message = unknown["status"]?["message"]?.string ?? ""
            #expect(message.contains("node-3 was last heard from") && message.contains(" ago"), "\(message)")
            #expect(message.contains("it last said Running"))
            #expect(unknown["status"]?["lastPhase"] == "Running")
            let row = try await cluster.succeed("get vm three -o wide --no-headers").split { $0.isWhitespace }
            #expect(row.prefix(4) == ["three", "Unknown", "Unknown", "node-3"])
            #expect(row.last?.wholeMatch(of: /[0-9]+s|[0-9]+m([0-9]+s)?/) != nil, "\(row)")
            for name in ["one", "two"] {
                let machine = try await cluster.machine(name)
                #expect(machine.phase == "Running" && machine.restarts == 0)
                #expect(machine.pid == running[name]?.pid)
            }
            let nodes = try await cluster.succeed("get nodes")
            #expect(nodes.contains(/node-3 +Unknown/) && nodes.contains(/node-1 +Ready/))
            #expect(try await cluster.succeed("cluster status").contains(/Node 3: .*last heard .* ago/))

            // New machines go to the two that are there.
            let new = try await cluster.create(["new-1", "new-2", "new-3", "new-4"])
            #expect(Set(new.compactMap(\.node)) == ["node-1", "node-2"])

            // A delete waits for the node that holds the machine; the name is taken meanwhile.
            let deletion = try cluster.start(["delete", "vm", "doomed"])
            defer { deletion.kill() }
            let terminating = try await cluster.machine("doomed", until: "Terminating") { $0.phase == "Terminating" }
            #expect(terminating.node == "node-3")
            try await eventually("the command to say whom it waits for") {
                guard deletion.errors.contains("waiting for node-3") else { throw NotYet(deletion.errors) }
            }
            let refused = try await cluster.run("vm create doomed")
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("Error from server (Conflict)"), "\(refused)")
            #expect(refused.errors.contains("is being deleted") && refused.errors.contains("node-3"), "\(refused)")
            #expect(deletion.exitCode == nil)
            let timedOut = try await cluster.run("delete vm doomed --timeout 1s")
            #expect(timedOut.exitCode == 1 && timedOut.errors.contains("timed out waiting for node-3"), "\(timedOut)")

            // Nothing was started elsewhere, and the processes of the lost node live.
            #expect(HostProcess.isAlive(doomed))
            let still = try await cluster.machine("three")
            #expect(still.phase == "Unknown" && still.node == "node-3")
            for node in [1, 2] {
                let list = TextFile.names(in: cluster.directory(of: node) + "/machines")
                let three = try cluster.machineDirectory(still).split(separator: "/").last.map(String.init) ?? ""
                #expect(!list.contains(three))
            }

            // The node returns: the delete is finished, and the other machine was never touched.
            try cluster.restart(3)
            let deleted = try await deletion.result()
            #expect(deleted.exitCode == 0, "\(deleted)")
            #expect(!HostProcess.isAlive(doomed))
            #expect(try await cluster.run("get vm doomed").exitCode == 1)
            let back = try await cluster.machineRuns("three")
            #expect(back.pid == running["three"]?.pid && back.restarts == 0)
            try await cluster.create(["doomed"])
            try await cluster.succeed("delete vm doomed new-1 new-2 new-3 new-4")
            try await cluster.allNodesReady()
        }

        @Test("Two of three down: stale reads and status answer and say so, writes are refused, machines run on")
        func twoDown() async throws {
            try await cluster.allNodesReady()
            let running = try await machines()
            let survivor = 1
            for node in [2, 3] { try await cluster.end(node, by: SIGKILL) }

            let status = try await eventually("the loss of the quorum to be seen") {
                let result = try await cluster.run("cluster status")
                guard result.exitCode == 0, result.output.contains("Leader ID: none") else { throw NotYet("\(result)") }
                return result
            }
            #expect(status.output.contains("Quorum: none: 1 of 3 voters connected, 2 needed"), "\(status)")
            #expect(status.output.contains("As known to: node-\(survivor)"))
            let json = try await cluster.json("cluster status")
            #expect(json["leader"] == .null && json["quorum"]?["has"] == false)

            let stale = try await cluster.run("get vms --consistency stale")
            #expect(stale.exitCode == 0)
            #expect(stale.output.contains(/one +Running/), "\(stale)")
            #expect(stale.errors.contains("may be stale") && stale.errors.contains("leader: none"), "\(stale)")
            try await eventually("the others' machines to be unknown") {
                let list = try await cluster.run("get vms --consistency stale")
                guard list.output.contains(/two +Unknown/), list.output.contains(/three +Unknown/) else {
                    throw NotYet("\(list)")
                }
            }
            let strong = try await cluster.run("get vms")
            #expect(strong.exitCode == 1)
            #expect(strong.errors.contains("no quorum: 1 of 3 voters"), "\(strong)")
            #expect(strong.errors.contains("--consistency stale"))
            let write = try await cluster.run("vm create refused")
            #expect(write.exitCode == 1)
            #expect(write.errors.contains("no quorum: 1 of 3 voters; nothing was recorded"), "\(write)")
            #expect(write.repetition == nil)
            #expect(try PlainResponse(port: cluster.bootstrapPort(of: survivor), path: "/healthz").status == 200)
            #expect(try PlainResponse(port: cluster.bootstrapPort(of: survivor), path: "/readyz").status == 503)

            // The node keeps and mends what is bound to it also without a quorum.
            let pid = try #require(running["one"]?.pid)
            let directory = try cluster.machineDirectory(try #require(running["one"]))
            kill(pid, SIGKILL)
            try await eventually("the machine to be started without a quorum") {
                guard let now = HostProcess.machine(in: directory), now != pid else { throw NotYet("it does not run") }
            }

            for node in [2, 3] { try cluster.restart(node) }
            try await cluster.allNodesReady()
            #expect(try await cluster.run("get vm refused").errors.contains("NotFound"))
            let after = try await machines()
            for name in ["two", "three"] {
                #expect(after[name]?.pid == running[name]?.pid && after[name]?.restarts == 0)
            }
            try await cluster.machine("one", until: "counted as restarted") { $0.restarts == 1 }
        }

        @Test("A write that was appended and got no quorum says so, and its repetition takes effect once")
        func unknownOutcome() async throws {
            // A leader that notices its loneliness first refuses at once; then the nodes come back for another try.
            let (name, unknown) = try await eventually("a write whose outcome is unknown", within: .seconds(180)) {
                try await cluster.allNodesReady()
                let leader = try await cluster.leader()
                let name = "late-\(Int.random(in: 0..<1_000_000))"
                let others = cluster.nodes.filter { $0 != leader }
                let pids = try others.map { try #require(cluster.processID(of: $0)) }
                for pid in pids { kill(pid, SIGKILL) }
                let result = try await cluster.run(
                    "vm create \(name) --run-strategy Halted --addr \(cluster.registry(of: leader))")
                for node in others {
                    try await eventually("the end of node-\(node)") {
                        if cluster.processID(of: node) != nil { throw NotYet("it runs") }
                    }
                    try cluster.restart(node)
                }
                guard result.errors.contains("outcome unknown") else { throw NotYet("\(result)") }
                return (name, result)
            }
            #expect(unknown.exitCode == 1)
            #expect(unknown.errors.contains("error: outcome unknown: it may still take effect"), "\(unknown)")
            #expect(unknown.errors.contains(/request id: [0-9a-f]{32}/), "\(unknown)")
            let words = try #require(unknown.repetition, "no command is given that repeats it: \(unknown)")
            try await cluster.allNodesReady()
            for _ in 0..<2 {
                let again = try await cluster.run(words)
                #expect(again.exitCode == 0, "\(again)")
                #expect(again.output == "virtualmachine.blixard.dev/\(name) created\n")
            }
            let fresh = try await cluster.run("vm create \(name)")
            #expect(fresh.errors.contains("AlreadyExists"), "\(fresh)")
            #expect(try await cluster.machine(name)["metadata"]?["generation"] == 1)
            try await cluster.succeed("delete vm \(name)")
        }

        private func machines() async throws -> [String: JSON] {
            var machines: [String: JSON] = [:]
            for name in ["one", "two", "three"] { machines[name] = try await cluster.machineRuns(name) }
            return machines
        }
    }
}
