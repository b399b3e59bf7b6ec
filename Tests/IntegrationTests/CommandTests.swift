import Glibc
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// Exit codes and key lines of the commands, against a cluster of three whose machines are in memory.
    @Suite(
        "A command", .serialized,
        .cluster(nodes: 3, hypervisor: "simulated") { cluster in
            try await cluster.succeed("apply -f \(BuiltProgram.packageDirectory)/manifests/quickstart --wait")
        })
    struct CommandTests {
        let cluster: TestCluster
        private let quickstart = BuiltProgram.packageDirectory + "/manifests/quickstart"

        init() throws {
            cluster = try .ofSuite
        }

        @Test("validate and explain need no cluster")
        func withoutCluster() async throws {
            let alone = ["BLIXARD_CONTEXT": cluster.root + "/no-context.json"]
            let valid = try await cluster.run(["validate", "-f", quickstart], environment: alone)
            #expect(valid.exitCode == 0)
            #expect(valid.lines.contains("virtualmachine.blixard.dev/db-1 valid") && valid.lines.count == 7)
            let manifest = try file(
                "misspelled",
                #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","#
                    + #""metadata":{"name":"x"},"spec":{"memry":"1Gi"}}"#)
            for verb in ["validate", "apply", "diff"] {
                let wrong = try await cluster.run([verb, "-f", manifest], environment: alone)
                #expect(wrong.exitCode == (verb == "diff" ? 2 : 1))
                let problem =
                    #"\#(manifest):1:88: VirtualMachine x: unknown field "spec.memry", did you mean "memory"?"#
                #expect(wrong.errors.contains(problem), "\(wrong)")
            }
            let explained = try await cluster.run("explain vm.spec.memory", environment: alone)
            #expect(explained.exitCode == 0)
            #expect(explained.output.contains("FIELD: memory <string>") && explained.output.contains("UPDATE: restart"))
            let unknown = try await cluster.run("explain vm.spec.memry", environment: alone)
            #expect(unknown.exitCode == 1 && unknown.errors.contains(#"did you mean "memory"?"#), "\(unknown)")
            let nowhere = try await cluster.run("get vms", environment: alone)
            #expect(nowhere.exitCode == 1 && nowhere.errors.contains("no cluster is named"), "\(nowhere)")
            let nonsense = try await cluster.run("frobnicate", environment: alone)
            #expect(nonsense.exitCode == 1 && nonsense.errors.hasPrefix("error: "), "\(nonsense)")
        }

        @Test("diff and apply agree: 0 for no difference, 1 for one, and after the apply 0 again")
        func diffAndApply() async throws {
            // Nodes that have just started may still be dialing each other, and a plan says so.
            try await cluster.eventuallySucceeds("diff -f \(quickstart)")
            #expect(try await cluster.run("diff").exitCode == 0)
            let same = try await cluster.run(["apply", "-f", quickstart])
            #expect(same.exitCode == 0 && same.lines.allSatisfy { $0.hasSuffix(" unchanged") }, "\(same)")
            let manifest = try machine("changing", memory: "64Mi")
            let new = try await cluster.run(["diff", "-f", manifest])
            #expect(new.exitCode == 1)
            #expect(new.output.contains("virtualmachine.blixard.dev/changing created"), "\(new)")
            let rehearsed = try await cluster.run(["apply", "-f", manifest, "--dry-run=server"])
            #expect(rehearsed.output == "virtualmachine.blixard.dev/changing created (server dry run)\n")
            #expect(try await cluster.run("get vm changing").exitCode == 1)
            let applied = try await cluster.run(["apply", "-f", manifest, "--wait"])
            #expect(applied.exitCode == 0)
            #expect(applied.lines.first == "virtualmachine.blixard.dev/changing created")
            #expect(applied.output.contains(/virtualmachine.blixard.dev\/changing ready \(node-[123]\)/), "\(applied)")
            #expect(try await cluster.run(["diff", "-f", manifest]).exitCode == 0)
            let changed = try await cluster.run(["diff", "-f", try machine("changing", memory: "96Mi")])
            #expect(changed.exitCode == 1)
            #expect(changed.output.contains(#"spec.memory: "64Mi" -> "96Mi" (restart)"#), "\(changed)")
            let deleted = try await cluster.run("delete vm changing")
            #expect(deleted.exitCode == 0)
            #expect(deleted.output == "virtualmachine.blixard.dev \"changing\" deleted from default namespace\n")
        }

        @Test(
            "Stops and starts by hand keep the manifest's strategy, and diff says what the two differ in",
            arguments: ["Always", "RerunOnFailure", "Once", "Manual", "Halted"])
        func byHand(strategy: String) async throws {
            let name = "hand-\(strategy.lowercased())"
            let subject = "virtualmachine.blixard.dev/\(name)"
            let manifest = try file(
                name,
                #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","metadata":{"name":"\#(name)"},"#
                    + #""spec":{"memory":"32Mi","runStrategy":"\#(strategy)"}}"#)
            try await cluster.succeed("apply -f \(manifest)")
            if strategy == "Halted" {
                for verb in ["start", "restart"] {
                    let refused = try await cluster.run("vm \(verb) \(name)")
                    #expect(
                        refused.exitCode == 1 && refused.errors.contains("is Halted, so it never runs"), "\(refused)")
                }
                #expect(
                    try await cluster.succeed("vm stop \(name)").hasPrefix("\(subject) unchanged: its runStrategy is"))
                try await cluster.succeed("delete vm \(name)")
                return
            }
            // What its strategy starts by itself may run by then.
            let first = try await cluster.run("vm start \(name) --wait")
            #expect(first.exitCode == 0, "\(first)")
            try await cluster.machineRuns(name)
            #expect(try await cluster.succeed("vm start \(name)") == "\(subject) unchanged: it runs already\n")
            #expect(
                try await cluster.succeed("vm restart \(name) --wait")
                    == "\(subject) restarting\n\(subject) restarted\n")
            #expect(try await cluster.succeed("vm stop \(name) --wait") == "\(subject) stopping\n\(subject) stopped\n")
            #expect(try await cluster.machine(name).phase == "Stopped")
            let restart = try await cluster.run("vm restart \(name)")
            #expect(
                restart.exitCode == 1 && restart.errors.contains("stopped by hand: `blixard vm start"), "\(restart)")
            #expect(!restart.errors.contains("ServiceUnavailable"))
            let diff = try await cluster.run(["diff", "-f", manifest])
            #expect(diff.exitCode == 1 && diff.output.contains("spec.stopped: true -> false (live)"), "\(diff)")
            #expect(try await cluster.succeed("vm start \(name) --wait") == "\(subject) starting\n\(subject) started\n")
            let object = try await cluster.machine(name)
            #expect(object["spec"]?["runStrategy"]?.string == strategy && object["spec"]?["stopped"] == false)
            #expect(try await cluster.run(["diff", "-f", manifest]).exitCode == 0)
            // A manifest is the whole truth: applied again, it clears the stop.
            try await cluster.succeed("vm stop \(name)")
            try await cluster.succeed("apply -f \(manifest)")
            #expect(try await cluster.machine(name)["spec"]?["stopped"] == false)
            try await cluster.succeed("delete vm \(name)")
        }

        @Test("A command says NotFound with exit code 1 for what does not exist")
        func notFound() async throws {
            for line in ["get vm nobody", "delete vm nobody", "describe vm nobody", "logs nobody", "vm start nobody"] {
                let result = try await cluster.run(line)
                #expect(result.exitCode == 1)
                #expect(
                    result.errors.contains(
                        "Error from server (NotFound): virtualmachines.blixard.dev \"nobody\" not found"),
                    "\(line): \(result)")
            }
            #expect(try await cluster.run("delete vm nobody --ignore-not-found").exitCode == 0)
            let kind = try await cluster.run("get vmz")
            #expect(kind.exitCode == 1 && kind.errors.contains("vmz"), "\(kind)")
        }

        @Test("A machine is shown and described, and its events and its console are told")
        func reading() async throws {
            let list = try await cluster.run("get vms")
            #expect(list.lines.first?.split(separator: " ") == ["NAME", "STATUS", "READY", "NODE", "IP", "AGE"])
            #expect(list.output.contains(/web-1 +Running +True +node-[123]/), "\(list)")
            #expect(list.output.contains(/batch-1 +Stopped +False/))
            let selected = try await cluster.run("get vms -l app=web -o name")
            #expect(selected.lines == ["virtualmachine.blixard.dev/web-1", "virtualmachine.blixard.dev/web-2"])
            #expect(try await cluster.run("get vm db-1 -o jsonpath={.status.phase}").output.hasPrefix("Running"))
            let description = try await cluster.run("describe vm db-1")
            #expect(description.exitCode == 0)
            for part in ["Name:         db-1", "Kind:         VirtualMachine", "Conditions:", "Events:", "started as"] {
                #expect(description.output.contains(part), "\(description)")
            }
            let events = try await cluster.run("events --for vm/db-1")
            #expect(events.lines.first?.hasPrefix("LAST SEEN") == true)
            #expect(events.output.contains(/Normal +Started +virtualmachine\/db-1/), "\(events)")
            let console = try await cluster.run("logs vm/db-1")
            #expect(console.exitCode == 0)
            #expect(console.output.contains("simulated guest default/db-1 ready"), "\(console)")
            let nodes = try await cluster.run("get nodes")
            #expect(nodes.output.contains(/node-[123] +Ready +leader,voter/), "\(nodes)")
            #expect(try await cluster.run("version").exitCode == 0)
        }

        @Test("wait waits for conditions, values and ends, and says what was missing when the time is over")
        func waiting() async throws {
            let met = try await cluster.run("wait --for=condition=Ready vm/web-1 vm/web-2")
            #expect(met.exitCode == 0)
            #expect(met.lines.contains("virtualmachine.blixard.dev/web-1 condition met"))
            let value = try await cluster.run("wait --for=jsonpath={.status.phase}=Stopped vm/batch-1")
            #expect(value.exitCode == 0, "\(value)")
            let late = try await cluster.run("wait --for=condition=Ready vm/batch-1 --timeout 1s")
            #expect(late.exitCode == 1)
            #expect(late.errors.contains("timed out waiting for the condition on virtualmachines/batch-1"), "\(late)")
            try await cluster.create(["leaving"])
            let gone = try cluster.start(["wait", "--for=delete", "vm/leaving", "--timeout", "60s"])
            defer { gone.kill() }
            try await cluster.succeed("delete vm leaving")
            let result = try await gone.result()
            // Either it saw the end, or there was nothing left to wait for when it began.
            #expect(result.exitCode == 0, "\(result)")
        }

        @Test("Machines are started, stopped and restarted on command")
        func imperative() async throws {
            let before = try await cluster.create(["toggled"])[0]
            #expect(try await cluster.succeed("vm stop toggled") == "virtualmachine.blixard.dev/toggled stopping\n")
            try await cluster.machine("toggled", until: "Stopped") { $0.phase == "Stopped" }
            #expect(try await cluster.succeed("vm stop toggled").contains("unchanged"))
            try await cluster.succeed("vm start toggled")
            let started = try await cluster.machineRuns("toggled")
            #expect(started.node == before.node && started.restarts == 0)
            try await cluster.succeed("vm restart toggled")
            try await cluster.machine("toggled", until: "restarted") { $0.phase == "Running" && $0.pid != started.pid }
            try await cluster.succeed("delete vm toggled")
        }

        @Test("A command is refused with a clear message when the key is wrong, on either side")
        func wrongKeys() async throws {
            // Somebody else's key.
            let stranger = [
                "BLIXARD_CONTEXT": cluster.root + "/stranger/context.json",
                "BLIXARD_IDENTITY": cluster.root + "/stranger.key",
            ]
            let made = try await cluster.run(
                [
                    "cluster", "init", "--id", "1", "--bind", "127.0.0.1:\(cluster.basePort)", "--data-dir",
                    cluster.root + "/elsewhere",
                ], environment: stranger)
            #expect(made.exitCode == 0, "\(made)")
            let refused = try await cluster.run(
                ["get", "vms"], environment: ["BLIXARD_IDENTITY": cluster.root + "/stranger.key"])
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("Error from server (Forbidden)"), "\(refused)")
            #expect(refused.errors.contains("is not admitted"))
            // A node that is not the one that was expected.
            let other = String(repeating: "06", count: 32)
            let address = "127.0.0.1:\(cluster.basePort)"
            let shown = try await cluster.run("get vms --addr \(address) --expect-key \(other)")
            let key = try #require(try await cluster.json("cluster status")["nodes"]?.array?.first?["key"]?.string)
            #expect(shown.exitCode == 1)
            #expect(shown.errors.contains(key) && shown.errors.contains("--expect-key"), "\(shown)")
            let trusted = try await cluster.run("get vms --addr \(address) --expect-key \(key)")
            #expect(trusted.exitCode == 0, "\(trusted)")
            let registry = try await cluster.run("get vms --addr \(cluster.registry(of: 2))")
            #expect(registry.exitCode == 0, "\(registry)")
        }

        @Test("A key that is revoked loses its role and its open connections")
        func revoked() async throws {
            let user = ["BLIXARD_IDENTITY": cluster.root + "/eve.key"]
            let made = try await cluster.run(
                [
                    "cluster", "init", "--id", "1", "--bind", "127.0.0.1:\(cluster.basePort)", "--data-dir",
                    cluster.root + "/eve",
                ], environment: user.merging(["BLIXARD_CONTEXT": cluster.root + "/eve/context.json"]) { $1 })
            #expect(made.exitCode == 0, "\(made)")
            let stranger = try await cluster.run(["get", "vms"], environment: user)
            let key = try #require(stranger.errors.firstMatch(of: /blixard access grant ([0-9a-f]{64})/)?.1)
            try await cluster.succeed("access grant \(key) --role viewer --name eve")
            let listed = try await cluster.succeed("access list")
            #expect(listed.contains(/eve +viewer +/) && listed.contains(key), "\(listed)")

            let watch = try cluster.start(["get", "nodes", "-w"], environment: user)
            defer { watch.kill() }
            try await eventually("the watch to begin") {
                guard watch.output.contains("node-3") else { throw NotYet("\(watch.output)\(watch.errors)") }
            }
            try await cluster.succeed("access revoke \(key)")
            let end = try await watch.result(within: .seconds(30))
            #expect(end.exitCode == 1 && end.errors.contains("Error from server (Forbidden)"), "\(end)")
            let again = try await cluster.run("access revoke \(key)")
            #expect(again.exitCode == 1 && again.errors.contains("NotFound"), "\(again)")
        }

        @Test("A command gets its answer while others send garbage or nothing to the mesh port; no election follows")
        func hostileNeighbours() async throws {
            let before = try await cluster.json("cluster status")
            var silent: [PlainSocket] = []
            for node in cluster.nodes {
                for _ in 0..<20 { silent.append(try PlainSocket(port: cluster.port(of: node))) }
                for bytes in [
                    Array("GET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 0, count: 4096),
                    (0..<4096).map { _ in UInt8.random(in: 0...255) }, [0x16, 0x03, 0x01, 0xff, 0xff],
                    Array("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}".utf8),
                ] {
                    let socket = try PlainSocket(port: cluster.port(of: node))
                    try socket.send(bytes)
                    silent.append(socket)
                }
            }
            // A line of plain HTTP is no handshake: the listener ends the connection.
            let plain = try PlainSocket(port: cluster.port(of: 1))
            try plain.send("GET /bootstrap HTTP/1.1\r\n\r\n")
            #expect(try !plain.receiveAll().contains("p2p_node_id"))
            let stray = try PlainResponse.raw(port: cluster.bootstrapPort(of: 1), "\u{0}\u{1}\u{2}\r\n\r\n")
            #expect(stray.isEmpty || stray.hasPrefix("HTTP/1.1 400"), "\(stray)")
            for node in cluster.nodes {
                #expect(try await cluster.run("get vms --addr \(cluster.registry(of: node))").exitCode == 0)
            }
            try await cluster.create(["undisturbed"])
            try await cluster.succeed("delete vm undisturbed")
            let after = try await cluster.json("cluster status")
            #expect(after["term"] == before["term"] && after["leader"] == before["leader"])
            #expect(silent.count == 75)
        }

        @Test("The plain port needs no command to say who the node is, that it lives and is ready, and its figures")
        func plainPort() async throws {
            let status = try await cluster.json("cluster status")
            for node in cluster.nodes {
                let port = cluster.bootstrapPort(of: node)
                let bootstrap = try PlainResponse(port: port, path: "/bootstrap")
                #expect(bootstrap.status == 200 && bootstrap.head.contains("application/json"))
                let json = try JSON(parsing: bootstrap.body)
                #expect(json["node_id"] == .integer(Int64(node)))
                #expect(json["p2p_node_id"] == status["nodes"]?.array?[node - 1]["key"])
                #expect(json["p2p_addresses"] == .array([.string("127.0.0.1:\(cluster.port(of: node))")]))
                #expect(json["p2p_relay_url"] == .null)
                #expect(try PlainResponse(port: port, path: "/healthz").status == 200)
                #expect(try PlainResponse(port: port, path: "/readyz").status == 200)
                let metrics = try PlainResponse(port: port, path: "/metrics")
                #expect(metrics.status == 200)
                #expect(metrics.body.contains("\nblixard_raft_voters 3\n"), "\(metrics.body)")
                #expect(!metrics.body.contains("web-1"))
                #expect(try PlainResponse(port: port, path: "/apis").status == 404)
            }
        }

        private func machine(_ name: String, memory: String) throws -> String {
            try file(
                name,
                #"{"apiVersion":"blixard.dev/v1","kind":"VirtualMachine","#
                    + #""metadata":{"name":"\#(name)"},"spec":{"memory":"\#(memory)"}}"#)
        }

        private func file(_ name: String, _ text: String) throws -> String {
            let path = "\(cluster.root)/\(name).json"
            try TextFile.write(text, to: path)
            return path
        }
    }
}
