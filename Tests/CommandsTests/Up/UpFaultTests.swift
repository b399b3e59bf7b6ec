import Synchronization
import TestFiles
import Testing

@testable import Commands

@Suite("What ran before up and down, and what they can't do")
struct UpFaultTests {
    private func runs(_ bench: Bench) -> [UInt64] {
        bench.processes.started.filter { $0.end == nil }.compactMap { UpTests.id(of: $0) }.sorted()
    }

    @Test("up starts the node that is dead, as it ran before, and leaves the others alone")
    func deadNode() async {
        let bench = UpTests.bench()
        #expect(await bench.run("up", "--detach", "--log-level", "debug").code == 0)
        bench.processes.started[1].end("signal 9 (Killed)")
        // The host has other figures by now; what a node was given it keeps.
        bench.processes.processors.withLock { $0 = 60 }
        let again = await bench.run("up", "--detach")
        #expect(again.code == 0, "\(again.errors)")
        let started = bench.processes.started
        #expect(started.count == 4)
        #expect(started[3].arguments == started[1].arguments)
        #expect(started[3].arguments.suffix(2) == ["--log-level", "debug"])
        #expect([started[0], started[2]].allSatisfy { $0.end == nil })
    }

    @Test("a node that somebody started by hand runs: nobody starts it a second time, and down stops it")
    func byHand() async throws {
        let bench = UpTests.bench()
        #expect(await bench.run("up", "--detach").code == 0)
        let first = bench.processes.started[1]
        first.end("signal 9 (Killed)")
        let own = try bench.processes.spawnNode(arguments: first.arguments, environment: [], log: "")
        let lock = bench.directory.path + "/state/blixard/node-2/raft/LOCK"
        bench.processes.hold(lock, by: bench.processes.started.last)
        let up = await bench.run("up", "--detach")
        #expect(up.errors.contains("node-2 (pid \(own.record.pid))"), "\(up.errors)")
        #expect(await bench.run("down").code == 0)
        #expect(runs(bench).isEmpty)
    }

    @Test(
        "an up that fails ends what it started, and nothing that ran before",
        arguments: ["exit code 1", "exit code 70"])
    func failure(ending: String) async {
        let bench = UpTests.bench()
        #expect(await bench.run("up", "--detach").code == 0)
        bench.processes.started[1].end("signal 9 (Killed)")
        bench.processes.started[2].end("signal 9 (Killed)")
        bench.processes.endings.withLock { $0["3"] = ending }
        let again = await bench.run("up", "--detach")
        // Damage of a node's own data is told on, so that nobody tries again and again.
        #expect(again.code == (ending == "exit code 70" ? 70 : 1))
        #expect(again.errors.contains("node-3 ended while starting: \(ending); its log, "), "\(again.errors)")
        #expect(again.errors.contains("ended what this command started: node-2; what ran before runs on"))
        #expect(runs(bench) == [1])
        #expect(bench.connection.writes.allSatisfy { $0.path != "/blixard/v1/shutdown" })
    }

    @Test("an up that is interrupted stops no machine that ran before, though no node did", arguments: [true, false])
    func interrupted(machinesRan: Bool) async {
        var bench = UpTests.bench()
        #expect(await bench.run("up", "--detach").code == 0)
        for process in bench.processes.started { process.end("signal 9 (Killed)") }
        let node = bench.directory.path + "/state/blixard/node-1"
        _ = bench.file("state/blixard/node-1/node.json", "{}")
        if machinesRan {
            bench.nodes.left.withLock { $0[node] = [LeftMachine(uid: "a", pid: 77, problem: nil)] }
        }
        let processes = bench.processes
        bench.interruptCount = { processes.started.count > 3 ? 1 : 0 }
        let again = await bench.run("up", "--detach")
        #expect(again.code == 130)
        #expect(runs(bench).isEmpty)
        // Where nothing ran, nothing runs.
        #expect(bench.connection.writes.contains { $0.path == "/blixard/v1/shutdown" } == !machinesRan)
        #expect(bench.nodes.left.withLock { $0[node]?.count } == (machinesRan ? 1 : nil))
    }

    @Test("a port that another program has taken meanwhile is named before anything is started")
    func takenPort() async {
        let bench = UpTests.bench(processes: FakeProcesses(takenPorts: [7003]))
        _ = bench.file(
            "cluster.json",
            """
            {"cluster_id": "0123456789abcdef", "hypervisor": "qemu", "nodes": [
              {"id": 1, "port": 7001, "key": "\(FakeNodes.key(1))"}, {"id": 3, "port": 7003, "key": null}]}
            """)
        let result = await bench.run("up", "--data-dir", bench.directory.path)
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: port 7003 of 127.0.0.1, which node-3 needs, is in use"))
        #expect(result.errors.contains("ss -ltnp 'sport = :7003'"))
        #expect(bench.processes.started.isEmpty)
    }

    @Test("down stops the machines of nodes that do not run, and says what it could not stop")
    func left() async {
        let bench = UpTests.bench()
        #expect(await bench.run("up", "--detach").code == 0)
        bench.processes.started[1].end("signal 9 (Killed)")
        let node = bench.directory.path + "/state/blixard/node-2"
        _ = bench.file("state/blixard/node-2/node.json", "{}")
        bench.nodes.left.withLock {
            $0[node] = [
                LeftMachine(uid: "a", pid: 71, problem: nil), LeftMachine(uid: "b", pid: 72, problem: "it is foreign"),
            ]
        }
        let down = await bench.run("down")
        #expect(down.code == 1)
        #expect(down.errors.contains("not everything was stopped; this runs on:\n  node-2: 1 machine (pid 72): it is"))
        #expect(!down.errors.contains("\nstopped"))
        #expect(runs(bench).isEmpty)
        bench.nodes.left.withLock { $0[node] = [LeftMachine(uid: "b", pid: 72, problem: nil)] }
        let again = await bench.run("down")
        #expect(again.code == 0)
        #expect(again.errors.hasSuffix("stopped\n"))
        #expect(await bench.run("down").output.hasPrefix("nothing runs in "))
    }

    @Test(
        "an output that can't be written to is no reason to start half a cluster",
        arguments: [nil, "No space left on device"])
    func closedOutput(problem: String?) async {
        var bench = UpTests.bench()
        bench.outputFailure = OutputClosed(problem: problem)
        let result = await bench.run("up", "--detach", "-f", bench.file("web.json", Samples.manifest))
        #expect(result.code == (problem == nil ? 141 : 1))
        #expect(runs(bench) == [1, 2, 3])
        let down = await bench.run("down")
        #expect(down.code == 0, "\(down.errors)")
        #expect(runs(bench).isEmpty)
    }

    @Test("without its terminal up in the foreground leaves everything to run on")
    func hangUp() async {
        var bench = UpTests.bench()
        bench.outputFailure = OutputClosed(problem: "Input/output error")
        let connection = bench.connection
        bench.isHungUp = { connection.calls.contains { $0.wantsTable && $0.path.hasSuffix("/virtualmachines") } }
        #expect(await bench.run("up").code == 0)
        #expect(runs(bench) == [1, 2, 3])
    }

    @Test("while another up is at work, the second says which process that is, and how to start what does not run")
    func another() async throws {
        let bench = UpTests.bench()
        #expect(await bench.run("up", "--detach").code == 0)
        bench.processes.started[2].end("signal 9 (Killed)")
        let lock = bench.directory.path + "/state/blixard/up.lock"
        let ownership = try bench.processes.lock(lock)
        bench.processes.hold(lock, by: bench.processes.started[0])
        let result = await bench.run("up", "--detach")
        ownership?.release()
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: another `blixard up` (pid 100) has the cluster in "))
        #expect(result.errors.contains("\n  blixard node --id 3 --bind 127.0.0.1:7003 --data-dir "))
    }
}
