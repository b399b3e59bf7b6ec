import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import Commands

@Suite("apply --wait")
struct ApplyWaitTests {
    private static let web = KindInfo.virtualMachine.key(namespace: "default", name: "web")
    private static let old = KindInfo.virtualMachine.key(namespace: "default", name: "old")
    private static let other = KindInfo.virtualMachine.key(namespace: "default", name: "other")
    private static let node = KindInfo.node.key(namespace: "", name: "node-1")
    private static let image = KindInfo.image.key(namespace: "", name: "base")
    private static let prod = KindInfo.manifestSet.key(namespace: "", name: "prod")

    /// A cluster that gives no answer until a second is over.
    private static let silence = (0..<4).map { _ in
        FakeConnection.Stream(failure: .lostAnswer(request: nil, reason: "no answer in time"))
    }

    private func event(_ type: String, _ object: JSON) -> JSON { ["type": .string(type), "object": object] }

    private static func result(
        _ key: ObjectKey, _ operation: MutationResult.Operation = .configured, generation: UInt64 = 2
    ) -> MutationResult {
        MutationResult(
            key: key, operation: operation, uid: Samples.uid, resourceVersion: 42, generation: generation)
    }

    /// A cluster that answers an apply with these results, and tells of objects by watches alone.
    private func bench(
        _ results: [MutationResult], pruned: [MutationResult] = [], set: SetOutcome? = nil,
        watches: [FakeConnection.Stream]
    ) -> Bench {
        let answer = WriteAnswer(results: results, revision: 42, pruned: pruned, set: set)
        return Bench(
            FakeConnection(watches: watches) { call throws(ClientFailure) in
                switch call.path {
                case "/blixard/v1/cluster": return Samples.cluster
                case "/blixard/v1/apply":
                    return WriteReport(answer: answer, isDryRun: false, request: RequestID(high: 0, low: 1)).json
                default: throw .protocolViolation("\(call.method) \(call.path) is not needed")
                }
            })
    }

    private func run(_ bench: Bench, _ words: String...) async -> Bench.Result {
        await bench.run(["apply", "-f", bench.file("a.json", Samples.manifest)] + words)
    }

    private static func node(
        _ ready: String?, reason: String = "NodeReports", message: String = "", observed: Int64 = 2
    ) -> JSON {
        var node: JSON = [
            "apiVersion": "blixard.dev/v1", "kind": "Node",
            "metadata": ["name": "node-1", "uid": .string(Samples.uid.description), "generation": 2],
            "status": ["phase": "Pending"],
        ]
        if let ready {
            node["status"] = [
                "raftID": 1,
                "conditions": [
                    [
                        "type": "Ready", "status": .string(ready), "reason": .string(reason),
                        "message": .string(message), "observedGeneration": .integer(observed),
                    ]
                ],
            ]
        }
        return node
    }

    private static func set(_ revision: Int64) -> JSON {
        [
            "apiVersion": "blixard.dev/v1", "kind": "ManifestSet",
            "metadata": ["name": "prod", "uid": .string(Samples.uid.description), "generation": 2],
            "status": ["revision": .integer(revision), "members": 1],
        ]
    }

    @Test("every object of the apply is waited for as its kind asks, and no image")
    func everything() async {
        let bench = bench(
            [Self.result(Self.image), Self.result(Self.prod), Self.result(Self.node), Self.result(Self.web)],
            set: SetOutcome(name: "prod", revision: 3, isNew: true),
            watches: [
                .init(
                    lines: [event("ADDED", Self.set(2)), Samples.initialEnd, event("MODIFIED", Self.set(3))],
                    plural: "manifestsets", staysOpen: true),
                .init(
                    lines: [
                        event("ADDED", Self.node("False")), Samples.initialEnd, event("MODIFIED", Self.node("True")),
                    ], plural: "nodes", staysOpen: true),
                .init(
                    lines: [event("ADDED", Samples.machine("web", generation: 2)), Samples.initialEnd],
                    plural: "virtualmachines", staysOpen: true),
            ])
        let result = await run(bench, "--wait")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.output.split(separator: "\n").suffix(3).sorted() == [
                "manifestset.blixard.dev/prod at revision 3", "node.blixard.dev/node-1 ready",
                "virtualmachine.blixard.dev/web ready (node-1)",
            ])
        #expect(bench.connection.calls.count { $0.method == "WATCH" } == 3)
    }

    @Test("a node that has not joined is not waited for")
    func notJoined() async {
        let bench = bench(
            [Self.result(Self.node)], watches: [.init(lines: [event("ADDED", Self.node(nil)), Samples.initialEnd])])
        let result = await run(bench, "--wait")
        #expect(result.code == 0 && result.output.hasSuffix("node.blixard.dev/node-1 not joined yet\n"), "\(result)")
    }

    @Test("what was pruned is waited for until it is gone, and its node is named")
    func pruned() async {
        let ending = Samples.machine("old", phase: "Terminating", node: "node-2")
        func watches(_ more: [JSON]) -> [FakeConnection.Stream] {
            [
                .init(
                    lines: [
                        event("ADDED", Samples.machine("web", generation: 2)), event("ADDED", ending),
                        Samples.initialEnd,
                    ] + more)
            ]
        }
        let pruned = [Self.result(Self.old, .terminating)]
        let done = bench([Self.result(Self.web)], pruned: pruned, watches: watches([event("DELETED", ending)]))
        let result = await run(done, "--wait")
        #expect(result.code == 0 && result.output.hasSuffix("virtualmachine.blixard.dev/old gone\n"), "\(result)")
        #expect(result.errors == "waiting for 1 of 2: old (Terminating); old: node-2 has not removed it yet\n")
        let late = await run(
            bench([Self.result(Self.web)], pruned: pruned, watches: watches([]) + Self.silence), "--wait",
            "--timeout=1s")
        #expect(late.code == 1)
        #expect(
            late.errors.hasSuffix(
                """
                virtualmachine.blixard.dev/old is not gone: node-2 has not removed it yet
                error: timed out waiting for the condition on virtualmachines/old

                """), "\(late.errors)")
    }

    @Test("a pruned object without a machine is gone already")
    func prunedAtOnce() async {
        let bench = bench([], pruned: [Self.result(Self.image, .deleted)], watches: [])
        let result = await run(bench, "--wait")
        #expect(result == Bench.Result(code: 0, output: "image.blixard.dev/base pruned\n", errors: ""))
    }

    @Test("progress and time-out say what keeps an object, and the time-out explains each")
    func explained() async {
        let bench = bench(
            [Self.result(Self.old), Self.result(Self.web), Self.result(Self.other)],
            watches: [
                .init(
                    lines: [
                        event("ADDED", Samples.machine("web", phase: "Provisioning", ready: "False", generation: 2)),
                        event(
                            "ADDED",
                            Samples.machine(
                                "old", phase: "Unknown", ready: "Unknown", generation: 2, reason: "NodeSilent",
                                message: "node-1 silent for 40s")),
                        event("ADDED", Samples.machine("other", phase: "Starting", generation: 2, observed: 1)),
                        Samples.initialEnd,
                    ])
            ] + Self.silence)
        let result = await run(bench, "--wait", "--timeout=1s")
        #expect(result.code == 1)
        #expect(
            result.errors.hasPrefix(
                "waiting for 3 of 3: old (Unknown), web (Provisioning), other (Starting); "
                    + "old: NodeSilent: node-1 silent for 40s\n"), "\(result.errors)")
        #expect(
            result.errors.hasSuffix(
                """
                virtualmachine.blixard.dev/old is not ready: Unknown on node-1; Ready is Unknown: NodeSilent: node-1 \
                silent for 40s
                virtualmachine.blixard.dev/web is not ready: Provisioning on node-1; Ready is False: Running
                virtualmachine.blixard.dev/other is not ready: Starting on node-1: its node has acted on generation 1, \
                not yet on 2
                error: timed out waiting for the condition on virtualmachines/old, virtualmachines/web, \
                virtualmachines/other

                """), "\(result.errors)")
    }

    @Test("a set of which a watch tells no status is at the revision that the answer has named")
    func setWithoutStatus() {
        var set = Self.set(2)
        let awaited = AwaitedObject(Self.result(Self.prod), goal: .revision(3))
        #expect(awaited.progress(of: set).phase == "revision 2")
        set["status"] = JSON?.none
        #expect(awaited.progress(of: set) == .reached("at revision 3"))
    }

    @Test("a node that is silent says so, and one that was deleted never gets ready")
    func nodes() {
        let awaited = AwaitedObject(Self.result(Self.node), goal: .applied)
        #expect(
            awaited.progress(of: Self.node("Unknown", reason: "NodeSilent", message: "silent for 40s"))
                == .pending(
                    phase: "Unknown", explanation: "Unknown; Ready is Unknown: NodeSilent: silent for 40s",
                    why: "NodeSilent: silent for 40s"))
        #expect(awaited.progress(of: Self.node("True")) == .reached("ready"))
        #expect(awaited.progress(of: Self.node("True", observed: 1)).phase == "Ready")
        #expect(awaited.progress(of: nil) == .gone("it was deleted meanwhile"))
    }

    @Test("a condition by name is waited for on every object that can have it, judged by the applied generation")
    func condition() async {
        var scheduled = Samples.machine("web", phase: "Pending", ready: "False", generation: 2)
        func judged(_ generation: Int64) -> JSON {
            scheduled["status"]?["conditions"] = [
                [
                    "type": "Scheduled", "status": "True", "reason": "Bound", "message": "bound to node-1",
                    "observedGeneration": .integer(generation),
                ]
            ]
            return scheduled
        }
        let bench = bench(
            [Self.result(Self.node), Self.result(Self.image), Self.result(Self.web)],
            watches: [
                .init(
                    lines: [event("ADDED", judged(1)), Samples.initialEnd, event("MODIFIED", judged(2))],
                    plural: "virtualmachines")
            ])
        let result = await run(bench, "--wait=scheduled")
        #expect(result.code == 0 && result.output.hasSuffix("virtualmachine.blixard.dev/web condition met\n"))
        #expect(
            result.errors
                == "waiting for 1 of 1: web (Pending); web: Scheduled was judged by generation 1, not yet by 2\n")
        #expect(bench.connection.calls.count { $0.method == "WATCH" } == 1)
    }

    @Test("a phase counts once the machine's node has acted on the applied generation")
    func phase() async {
        let bench = bench(
            [Self.result(Self.web)],
            watches: [
                .init(lines: [
                    event("ADDED", Samples.machine("web", phase: "Stopped", generation: 2, observed: 1)),
                    Samples.initialEnd, event("MODIFIED", Samples.machine("web", phase: "Stopped", generation: 2)),
                ])
            ])
        let result = await run(bench, "--wait=Stopped")
        #expect(result.code == 0 && result.output.hasSuffix("virtualmachine.blixard.dev/web condition met\n"))
        #expect(result.errors.contains("its node has acted on generation 1, not yet on 2"), "\(result.errors)")
    }

    @Test("a condition of any name and value is waited for, and the time-out names it")
    func anyCondition() async {
        let bench = bench(
            [Self.result(Self.web)],
            watches: [
                .init(lines: [event("ADDED", Samples.machine("web", generation: 2)), Samples.initialEnd])
            ] + Self.silence)
        let result = await run(bench, "--wait=condition=Warm=Hot", "--timeout=1s")
        #expect(result.code == 1)
        #expect(
            result.errors.contains(
                "virtualmachine.blixard.dev/web does not meet Warm=Hot: it has no condition Warm yet\n"))
    }

    @Test("where nothing can meet the condition that is said, and nothing is waited for")
    func nothing() async {
        let result = await run(bench([Self.result(Self.image)], watches: []), "--wait=Ready")
        #expect(result.code == 0)
        #expect(result.errors == "nothing of this can meet Ready=True, so nothing is waited for\n")
    }

    @Test("the last of --wait and --no-wait counts, and --wait-for waits by itself")
    func flags() async {
        let machine = [event("ADDED", Samples.machine("web", generation: 2)), Samples.initialEnd]
        for (words, waits) in [
            (["--wait-for", "Ready"], true), (["--wait=Ready", "--no-wait"], false), (["--wait=false"], false),
            (["--no-wait", "--wait=true"], true), ([], false), (["--wait=Ready", "--wait=Scheduled=true"], true),
        ] {
            let bench = bench([Self.result(Self.web)], watches: [.init(lines: machine)])
            _ = await bench.run(["apply", "-f", bench.file("a.json", Samples.manifest), "--timeout=0"] + words)
            #expect(bench.connection.calls.contains { $0.method == "WATCH" } == waits, "\(words)")
        }
    }

    @Test(
        "what is no condition is refused before anything is sent",
        arguments: [
            ("--wait=Redy", "did you mean \"Ready\"?"), ("--wait=condition=", "names no condition"),
            ("--wait=condition==x", "names no condition"),
            ("--wait=jsonpath={.a}", "names no condition"),
        ])
    func refused(word: String, text: String) async {
        let bench = bench([Self.result(Self.web)], watches: [])
        let result = await run(bench, word)
        #expect(result.code == 1 && bench.connection.calls.isEmpty)
        #expect(result.errors.contains(text), "\(result.errors)")
    }

    @Test("a condition that says that something is wrong is named when it is true")
    func polarity() {
        func condition(_ type: String, _ status: String) -> JSON { ["type": .string(type), "status": .string(status)] }
        #expect(KnownCondition.isGood(condition("DiskFailed", "False")))
        #expect(!KnownCondition.isGood(condition("DiskFailed", "True")))
        #expect(!KnownCondition.isGood(condition("Ready", "Unknown")))
        #expect(KnownCondition.isGood(condition("FromTomorrow", "True")))
    }
}
