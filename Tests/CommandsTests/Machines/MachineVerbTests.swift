import Contract
import JSONText
import Synchronization
import Testing

@testable import Commands

/// What `vm start`, `vm stop` and `vm restart` say and send, for each strategy and each state that the cluster tells.
@Suite("vm start, stop and restart")
struct MachineVerbTests {
    private static let web = "virtualmachine.blixard.dev/web"
    private static let strategies = ["Always", "RerunOnFailure", "Once", "Manual"]
    private static let phases = [
        "Pending", "Running", "Stopping", "Stopped", "CrashLoopBackOff", "Paused", "Unknown", "ErrorUnschedulable",
        "Starting", "ErrImagePull",
    ]

    /// A cluster with one machine, whose node gives one answer to requests.
    private func bench(
        _ strategy: String, _ phase: String, stopped: Bool = false, deleting: Bool = false,
        answer: @escaping @Sendable () throws(ClientFailure) -> JSON
    ) -> Bench {
        Bench(
            FakeConnection { call throws(ClientFailure) in
                if call.path == "/blixard/v1/cluster" { return Samples.cluster }
                if call.method == "POST" { return try answer() }
                var machine = Samples.machine(
                    "web", phase: phase, ready: phase == "Running" ? "True" : "False", runStrategy: strategy,
                    stopped: stopped)
                if deleting { machine["metadata"]?["deletionTimestamp"] = "2027-01-15T07:59:00Z" }
                return machine
            })
    }

    private func says(_ outcome: MachineVerbOutcome) -> @Sendable () throws(ClientFailure) -> JSON {
        { MachineVerbAnswer(outcome: outcome).json }
    }

    private func sent(_ bench: Bench) -> [String] {
        bench.connection.writes.map { call in
            let leaf = call.path.split(separator: "/").last ?? ""
            return call.method == "PATCH" ? "PATCH \(call.body?["spec"]?.text ?? "")" : "POST \(leaf)"
        }
    }

    @Test("stop records that the machine is stopped by hand, and keeps its strategy", arguments: strategies, phases)
    func stop(strategy: String, phase: String) async {
        let bench = bench(strategy, phase, answer: says(.running))
        #expect(
            await bench.run("vm", "stop", "web") == Bench.Result(code: 0, output: "\(Self.web) stopping\n", errors: ""))
        #expect(sent(bench) == [#"PATCH {"stopped":true}"#])
        #expect(bench.connection.writes[0].contentType == "application/merge-patch+json")
        #expect(bench.connection.writes[0].body?["metadata"] == ["resourceVersion": "12"])
        #expect(bench.connection.writes[0].request?.baseRevision == 12)
    }

    @Test(
        "stop of what is stopped already changes nothing, and says how far it is",
        arguments: [
            ("Always", true, "Stopped", "it is stopped by hand already"),
            ("Once", true, "Stopping", "it is stopped by hand already, and it is Stopping"),
            ("Halted", false, "Stopped", "its runStrategy is Halted"),
            ("Halted", false, "Stopping", "its runStrategy is Halted, and it is Stopping"),
        ])
    func stopAgain(strategy: String, stopped: Bool, phase: String, said: String) async {
        let bench = bench(strategy, phase, stopped: stopped, answer: says(.running))
        #expect(await bench.run("vm", "stop", "web").output == "\(Self.web) unchanged: \(said)\n")
        #expect(sent(bench).isEmpty)
    }

    @Test("start asks the node, whatever the strategy, and says what the node does", arguments: strategies, phases)
    func start(strategy: String, phase: String) async {
        for (outcome, said) in [(MachineVerbOutcome.starting, "starting"), (.running, "unchanged: it runs already")] {
            let bench = bench(strategy, phase, answer: says(outcome))
            #expect(
                await bench.run("vm", "start", "web")
                    == Bench.Result(code: 0, output: "\(Self.web) \(said)\n", errors: ""))
            #expect(sent(bench) == ["POST start"])
        }
    }

    @Test("start clears a stop by hand and keeps the strategy", arguments: strategies)
    func startOfStopped(strategy: String) async {
        let bench = bench(strategy, "Stopped", stopped: true, answer: says(.starting))
        #expect(await bench.run("vm", "start", "web").output == "\(Self.web) starting\n")
        #expect(sent(bench) == [#"PATCH {"stopped":null}"#] + (strategy == "Always" ? [] : ["POST start"]))
    }

    @Test("restart is asked for once, and says what the node does", arguments: strategies + ["Halted"], phases)
    func restart(strategy: String, phase: String) async {
        for outcome in [MachineVerbOutcome.starting, .restarting] {
            let bench = bench(strategy, phase, answer: says(outcome))
            let result = await bench.run("vm", "restart", "web")
            #expect(result == Bench.Result(code: 0, output: "\(Self.web) \(outcome.rawValue)\n", errors: ""))
            #expect(sent(bench) == ["POST restart"])
        }
    }

    @Test("what is not done is an error that says why and what to do", arguments: ["start", "restart"])
    func refused(verb: String) async {
        let bench = bench("Manual", "Unknown") { () throws(ClientFailure) in
            throw .refusal("Conflict", "process 7 holds the directory of web; end it by hand", code: 409)
        }
        let result = await bench.run("vm", verb, "web")
        #expect(
            result
                == Bench.Result(
                    code: 1, output: "",
                    errors:
                        "error: \(Self.web) was not \(verb)ed: process 7 holds the directory of web; end it by hand\n"))
    }

    @Test("start of a halted machine is an error that says what to change")
    func startOfHalted() async {
        let bench = bench("Halted", "Stopped", answer: says(.running))
        let result = await bench.run("vm", "start", "web")
        #expect(
            result.code == 1
                && result.errors.contains("its runStrategy is Halted, so it never runs; give it another one"))
        #expect(sent(bench).isEmpty)
    }

    @Test("a machine that is being deleted is neither stopped nor started", arguments: ["start", "stop"])
    func deleting(verb: String) async {
        let bench = bench("Always", "Terminating", deleting: true, answer: says(.running))
        let result = await bench.run("vm", verb, "web")
        #expect(result.code == 1 && result.errors == "error: \(Self.web) is being deleted; nothing was changed\n")
        #expect(sent(bench).isEmpty)
    }

    @Test("a start whose second half fails says that the first one is done")
    func halfStart() async {
        let bench = bench("Manual", "Stopped", stopped: true) { () throws(ClientFailure) in
            throw .refusal("ServiceUnavailable", "node-2 holds web and gave no answer", code: 503)
        }
        let result = await bench.run("vm", "start", "web")
        #expect(result.code == 1)
        #expect(
            result.errors.hasSuffix(
                "\(Self.web) is no longer stopped by hand; repeat the command to ask for the start\n"))
    }

    /// Answers one state of the machine after the other, the last one for ever.
    private func bench(_ states: [JSON], outcome: MachineVerbOutcome = .running) -> Bench {
        let looks = Mutex(0)
        return Bench(
            FakeConnection { call in
                if call.path == "/blixard/v1/cluster" { return Samples.cluster }
                if call.method == "POST" { return MachineVerbAnswer(outcome: outcome).json }
                if call.method == "PATCH" { return states[0] }
                return looks.withLock { look in
                    defer { look += 1 }
                    return states[min(look, states.count - 1)]
                }
            })
    }

    @Test("with --wait, stop says that it is stopped only when it is")
    func waitForStop() async {
        let bench = bench(
            [
                Samples.machine("web"), Samples.machine("web", phase: "Stopping", ready: "False", stopped: true),
                Samples.machine("web", phase: "Stopped", ready: "False", stopped: true),
            ])
        let result = await bench.run("vm", "stop", "web", "--wait")
        #expect(result.code == 0 && result.output == "\(Self.web) stopping\n\(Self.web) stopped\n")
    }

    @Test("with --wait, start says that it is started only when it runs")
    func waitForStart() async {
        let off = Samples.machine("web", phase: "Stopped", ready: "False", runStrategy: "Manual")
        let bench = bench([off, off, Samples.machine("web", runStrategy: "Manual")], outcome: .starting)
        let result = await bench.run("vm", "start", "web", "--wait")
        #expect(result.code == 0 && result.output == "\(Self.web) starting\n\(Self.web) started\n")
    }

    @Test("with --wait, a restart is done when another process runs")
    func waitForRestart() async {
        var before = Samples.machine("web")
        before["status"]?["startedAt"] = "2027-01-15T07:58:00Z"
        var after = before
        after["status"]?["startedAt"] = "2027-01-15T07:59:00Z"
        let bench = bench([before, before, before, after], outcome: .restarting)
        let result = await bench.run("vm", "restart", "web", "--wait")
        #expect(result.code == 0 && result.output == "\(Self.web) restarting\n\(Self.web) restarted\n")
    }

    @Test("a start or restart that has happened is done, also when the guest has switched itself off since")
    func waitForJob() async {
        var before = Samples.machine("web", phase: "Stopped", ready: "False", runStrategy: "Once", reason: "PoweredOff")
        before["status"]?["lastStartedAt"] = "2027-01-15T07:58:00Z"
        var after = before
        after["status"]?["lastStartedAt"] = "2027-01-15T07:59:00Z"
        for (verb, outcome) in [
            ("start", MachineVerbOutcome.starting), ("restart", .starting), ("restart", .restarting),
        ] {
            let result = await bench([before, before, before, after], outcome: outcome).run("vm", verb, "web", "--wait")
            #expect(result.code == 0, "\(result)")
            let done = outcome == .starting ? "started" : "restarted"
            #expect(
                result.output
                    == "\(Self.web) \(outcome.rawValue)\n"
                    + "\(Self.web) \(done): it has run, and its guest switched itself off\n")
            // The end of the run before is none of this one.
            let never = await bench([before], outcome: outcome).run("vm", verb, "web", "--wait")
            #expect(never.code == 1 && never.errors.contains("\(Self.web) is not \(done): Stopped"))
        }
    }

    @Test("a wait that comes to nothing says how the machine is")
    func waitFails() async {
        let off = Samples.machine("web", phase: "Stopped", ready: "False", runStrategy: "Once")
        let off10 = await bench([off], outcome: .starting).run("vm", "start", "web", "--wait")
        #expect(off10.code == 1 && off10.errors.contains("\(Self.web) is not started: Stopped"))
        let failing = Samples.machine(
            "web", phase: "CrashLoopBackOff", ready: "False", reason: "PortInUse", message: "8080 is in use")
        let late = await bench([failing], outcome: .starting).run("vm", "start", "web", "--wait", "--timeout", "2s")
        #expect(late.code == 1 && late.errors.contains("8080 is in use"))
        #expect(late.errors.hasSuffix("error: timed out waiting for the condition on virtualmachines/web\n"))
        let running = await bench([Samples.machine("web", phase: "Stopping", stopped: true)])
            .run("vm", "stop", "web", "--wait", "--timeout", "1s")
        #expect(
            running.code == 1
                && running.output.hasSuffix("unchanged: it is stopped by hand already, and it is Stopping\n"))
    }
}

extension JSON {
    fileprivate var text: String { String(decoding: canonicalBytes, as: UTF8.self) }
}
