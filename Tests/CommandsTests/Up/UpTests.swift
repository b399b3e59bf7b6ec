import Contract
import JSONText
import Primitives
import Synchronization
import TestFiles
import Testing

@testable import Commands

@Suite("up and down")
struct UpTests {
    /// A cluster whose members are the processes that run.
    ///
    /// - Parameter endsAfterTables: Whether the nodes end once everything was shown.
    static func bench(processes: FakeProcesses = FakeProcesses(), endsAfterTables: Bool = false) -> Bench {
        let connection = FakeConnection { call throws(ClientFailure) in
            let running = processes.started.filter { $0.end == nil }
            let ids = Set(running.compactMap { Self.id(of: $0) }).sorted()
            switch call.path {
            case "/blixard/v1/cluster":
                guard !ids.isEmpty else { throw .unreachable([]) }
                var state = Samples.state
                state.nodes = ids.map { Samples.member($0, "Follower") }
                return state.json
            case "/blixard/v1/tickets": return Samples.ticket("blx1ticket")
            case "/blixard/v1/apply": return Samples.applied("web")
            case "/blixard/v1/shutdown":
                for process in running { process.end("exit code 0") }
                return SuccessStatus(message: nil).json
            case "/apis/blixard.dev/v1/nodes":
                if call.wantsTable { return Samples.table(ids.map { ("node-\($0)", "Ready") }) }
                return Samples.list(
                    ids.map { id in
                        [
                            "metadata": ["name": "node-\(id)"],
                            "status": ["conditions": [["type": "Ready", "status": "True"]]],
                        ]
                    })
            case "/apis/blixard.dev/v1/virtualmachines":
                guard call.wantsTable else { return Samples.list([Samples.machine("web")]) }
                if endsAfterTables { for process in running { process.end("signal 9 (Killed)") } }
                return Samples.table([("web", "Running")])
            default: return Samples.machine("web")
            }
        }
        var bench = Bench(connection)
        bench.processes = processes
        bench.environment = [
            "XDG_STATE_HOME": bench.directory.path + "/state", "XDG_CONFIG_HOME": bench.directory.path + "/config",
            "PATH": "/bin",
        ]
        return bench
    }

    static func id(of process: FakeProcesses.Process) -> UInt64? {
        guard let flag = process.arguments.firstIndex(of: "--id") else { return nil }
        return UInt64(process.arguments[flag + 1])
    }

    @Test("the first up founds a cluster, lets the others in with tickets, applies and shows everything")
    func first() async throws {
        let bench = Self.bench()
        let file = bench.file("web.json", Samples.manifest)
        let result = await bench.run("up", "-f", file, "--detach")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.output.hasPrefix(
                """
                virtualmachine.blixard.dev/web created
                virtualmachine.blixard.dev/web ready (node-1)

                NAME
                """), "\(result.output)")
        #expect(result.output.contains("blixard down"))
        let started = bench.processes.started
        try #require(started.count == 3)
        #expect(
            started[1].arguments == [
                "node", "--id", "2", "--bind", "127.0.0.1:7002", "--data-dir",
                bench.directory.path + "/state/blixard/node-2", "--hypervisor", "qemu", "--cpus", "2", "--memory",
                String(2 << 30),
            ])
        // The ticket is a secret: it is not on the command line, which everybody may read.
        #expect(started[1].environment.contains("BLIXARD_JOIN_TICKET=blx1ticket"))
        #expect(!started[0].environment.contains { $0.hasPrefix("BLIXARD_JOIN_TICKET") })
        let context = try ContextFile.load(from: bench.directory.path + "/config/blixard/context.json")
        #expect(context.currentEntry?.members.map(\.name) == ["node-1", "node-2", "node-3"])
        #expect(context.currentEntry?.dataDirectory == bench.directory.path + "/state/blixard")
        #expect(bench.nodes.configurations.count == 1)
    }

    @Test("what nodes may read images from is passed on, and kept until it is named anew")
    func sourceDirectories() async throws {
        let bench = Self.bench()
        func named(_ process: FakeProcesses.Process) -> [String] {
            zip(process.arguments, process.arguments.dropFirst()).filter { $0.0 == "--source-dir" }.map(\.1)
        }
        for (flags, wanted) in [
            (["--source-dir", "/a", "--source-dir", "/b"], ["/a", "/b"]), ([], ["/a", "/b"]),
            (["--source-dir", "/c"], ["/c"]), ([], ["/c"]), (["--no-source-dirs"], []), ([], []),
        ] {
            let before = bench.processes.started.count
            // The test's clock runs ahead while files are written.
            #expect(await bench.run(["up", "--detach", "--timeout", "10h"] + flags).code == 0)
            #expect(bench.processes.started.dropFirst(before).map(named) == [wanted, wanted, wanted])
            #expect(await bench.run("down").code == 0)
        }
        let both = await bench.run("up", "--detach", "--source-dir", "/a", "--no-source-dirs")
        #expect(both.code == 1 && both.errors == "error: --no-source-dirs and --source-dir exclude each other\n")
        let refused = await bench.run("up", "--detach", "--source-dir", "")
        #expect(refused.code == 1 && refused.errors.contains("the word after \"--source-dir\" is empty"))
    }

    @Test("what can't be started leaves no directory behind")
    func nothingLeft() async throws {
        let bench = Self.bench()
        let directory = bench.directory.path + "/other"
        let result = await bench.run("up", "--detach", "--data-dir", directory, "--base-port", "65535")
        #expect(result.code == 1 && result.errors.contains("--base-port 65535 must be 1 to"))
        #expect(try LocalFiles.kind(of: directory) == nil)
        #expect(await bench.run("up", "--detach", "--data-dir", directory, "--timeout", "10h").code == 0)
    }

    @Test("while a cluster runs another up says so; down stops it; a further up starts the same cluster")
    func again() async throws {
        let bench = Self.bench()
        #expect(await bench.run("up", "--detach").code == 0)
        let second = await bench.run("up", "--detach")
        #expect(second.code == 1)
        #expect(second.errors.contains("runs already: node-1 (pid 100), node-2 (pid 101), node-3 (pid 102)"))
        let down = await bench.run("down")
        #expect(down.code == 0)
        #expect(bench.processes.started.allSatisfy { $0.end?.isClean == true })
        let stops = bench.connection.writes.filter { $0.path == "/blixard/v1/shutdown" }
        #expect(stops.first?.body == ["stopMachines": true])
        #expect(await bench.run("down").output == "nothing runs in \(bench.directory.path)/state/blixard\n")
        #expect(await bench.run("up", "--detach").code == 0)
        #expect(bench.processes.started.count == 6)
        // Members need no ticket, and the cluster is founded once.
        #expect(bench.processes.started[4].environment.allSatisfy { !$0.hasPrefix("BLIXARD_JOIN_TICKET") })
        #expect(bench.nodes.configurations.count == 1)
        // Desired state was never touched.
        #expect(
            bench.connection.writes.allSatisfy { ["/blixard/v1/tickets", "/blixard/v1/shutdown"].contains($0.path) })
    }

    @Test("an interrupt stops machines and nodes, when everything runs and while it starts", arguments: [2, 1])
    func interrupt(processCount: Int) async {
        var bench = Self.bench()
        let processes = bench.processes
        let connection = bench.connection
        // With two processes: after the tables were printed.
        bench.interruptCount = {
            let isUp = connection.calls.contains { $0.wantsTable && $0.path.hasSuffix("/virtualmachines") }
            return processes.started.count >= processCount && (isUp || processCount == 1) ? 1 : 0
        }
        let result = await bench.run("up", "--nodes", "2")
        #expect(processCount == 1 || result.code == 0, "\(result.errors)")
        #expect([0, 130].contains(result.code))
        #expect(result.errors.hasSuffix("stopped\n"), "\(result.errors)")
        #expect(processes.started.allSatisfy { $0.end != nil })
        guard processCount == 2 else { return }
        // Each node is asked to stop its machines itself, also one whose key was not known when it was started.
        #expect(connection.writes.count { $0.path == "/blixard/v1/shutdown" } == 2)
    }

    @Test("a node that ends is not revived: the line that starts it is printed")
    func nodeEnds() async {
        let bench = Self.bench(endsAfterTables: true)
        let result = await bench.run("up", "--nodes", "2", "--hypervisor", "simulated")
        #expect(result.code == 0)
        #expect(result.errors.contains("node-2 ended: signal 9 (Killed). It is not revived"))
        #expect(result.errors.contains("  blixard node --id 2 --bind 127.0.0.1:7002"))
        #expect(result.errors.hasSuffix("all nodes have ended\n"))
    }

    @Test("a node that ends while starting is an error with the end of its log")
    func nodeEndsWhileStarting() async {
        let bench = Self.bench(processes: FakeProcesses(endsAtOnce: true))
        let result = await bench.run("up")
        #expect(result.code == 1)
        #expect(
            result.errors.contains("error: node-1 ended while starting: exit code 1; its log, "), "\(result.errors)")
    }

    @Test("without QEMU up says how to get it, and goes without when asked to")
    func noQEMU() async {
        let bench = Self.bench(processes: FakeProcesses(programs: []))
        let result = await bench.run("up", "--detach")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: QEMU is missing: there is no qemu-system-x86_64 in PATH\n"))
        #expect(result.errors.contains("apt install qemu-system-x86"))
        #expect(bench.processes.started.isEmpty)
        #expect(await bench.run("up", "--detach", "--hypervisor", "simulated").code == 0)
    }

    @Test("a port that is taken is named before anything is started")
    func takenPort() async {
        let bench = Self.bench(processes: FakeProcesses(takenPorts: [8002]))
        let result = await bench.run("up")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: port 8002 of 127.0.0.1 is in use"))
        #expect(bench.processes.started.isEmpty)
    }

    @Test("flags that another cluster would need are refused")
    func otherCluster() async {
        let bench = Self.bench()
        #expect(await bench.run("up", "--detach").code == 0)
        #expect(await bench.run("down").code == 0)
        for flags in [["--nodes", "5"], ["--hypervisor", "simulated"], ["--base-port", "9001"]] {
            let result = await bench.run(["up"] + flags)
            #expect(result.code == 1)
            #expect(result.errors.contains("another --data-dir makes another cluster"))
        }
    }

    @Test("manifests are checked before anything is started")
    func manifests() async {
        let bench = Self.bench()
        let result = await bench.run("up", "-f", bench.file("a.json", "{}"))
        #expect(result.code == 1)
        #expect(bench.processes.started.isEmpty)
    }

    @Test("down of a directory without a cluster is an error")
    func noCluster() async {
        let result = await Self.bench().run("down", "--data-dir", "/nowhere")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: no cluster was started in /nowhere"))
    }

    @Test("a node that joined while nobody took note starts with the members, without a ticket")
    func recognised() async {
        let bench = Self.bench()
        #expect(await bench.run("up", "--detach").code == 0)
        #expect(await bench.run("down").code == 0)
        let state = bench.directory.path + "/state/blixard"
        _ = bench.file(
            "state/blixard/cluster.json",
            """
            {"cluster_id": "0123456789abcdef", "hypervisor": "qemu", "nodes": [
              {"id": 1, "port": 7001, "key": "\(FakeNodes.key(1))"}, {"id": 2, "port": 7002, "key": null}]}
            """)
        _ = bench.file(
            "state/blixard/node-2/node-2-registry.json",
            "{\"cluster_id\": \"0123456789abcdef\", \"node_key\": \"\(FakeNodes.key(2))\"}")
        let result = await bench.run("up", "--detach")
        #expect(result.code == 0, "\(result.errors) \(state)")
        let started = bench.processes.started.suffix(2)
        #expect(started.allSatisfy { !$0.environment.contains { $0.hasPrefix("BLIXARD_JOIN_TICKET") } })
    }

    @Test("a process record proves more than a number")
    func records() {
        let record = ProcessRecord(pid: 12, startTicks: 345, bootID: "b")
        #expect(ProcessRecord(record.json) == record)
        #expect(ProcessRecord(["pid": 0, "start_ticks": 1, "boot_id": "b"]) == nil)
        #expect(ProcessRecord(.null) == nil)
    }
}
