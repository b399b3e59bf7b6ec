import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import Commands

@Suite("waiting by a watch")
struct WaitingTests {
    private let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"

    private func event(_ type: String, _ object: JSON) -> JSON { ["type": .string(type), "object": object] }

    private func starting(_ name: String) -> JSON { Samples.machine(name, phase: "Starting", ready: "False") }

    /// A cluster that takes writes, and tells of objects by watches alone.
    private func bench(_ watches: [FakeConnection.Stream]) -> Bench {
        Bench(
            FakeConnection(watches: watches) { call throws(ClientFailure) in
                switch (call.method, call.path) {
                case (_, "/blixard/v1/cluster"): return Samples.cluster
                case (_, "/blixard/v1/apply"):
                    let names = call.body?["documents"]?.array?.compactMap(\.nameText) ?? []
                    return Samples.applied(
                        names.map { KindInfo.virtualMachine.key(namespace: "default", name: $0) })
                case (_, "/blixard/v1/delete"): return Samples.applied("web", .terminating)
                default: throw .protocolViolation("\(call.method) \(call.path) is not needed")
                }
            })
    }

    private func watches(_ bench: Bench) -> [FakeConnection.Call] {
        bench.connection.calls.filter { $0.method == "WATCH" }
    }

    @Test("a value that only Unicode calls equal is not what is waited for")
    func exactText() throws {
        let condition = try WaitCondition("jsonpath={.spec.owner}=Jos\u{e9}")
        #expect(condition.missing(in: ["spec": ["owner": "Jos\u{e9}"]]) == nil)
        #expect(condition.missing(in: ["spec": ["owner": "Jose\u{301}"]]) != nil)
    }

    @Test("an apply is done the moment that the watch tells it, with no pause and no other look")
    func atOnce() async {
        let bench = bench([
            .init(lines: [
                event("ADDED", Samples.machine("web", phase: "Pending", ready: "False", node: nil)), Samples.initialEnd,
                event("MODIFIED", starting("web")), event("MODIFIED", Samples.machine("web")),
            ])
        ])
        let result = await bench.run("apply", "-f", bench.file("a.json", Samples.manifest), "--wait")
        #expect(
            result
                == Bench.Result(
                    code: 0,
                    output: """
                        virtualmachine.blixard.dev/web created
                        virtualmachine.blixard.dev/web ready (node-1)

                        """,
                    errors: "waiting for 1 of 1: web (Pending)\nwaiting for 1 of 1: web (Starting)\n"))
        #expect(bench.clock.now == .zero)
        let watch = watches(bench)
        #expect(watch.map(\.path) == [machines])
        #expect(watch.first?.query["fieldSelector"] == "metadata.name=web")
        #expect(watch.first?.query["sendInitialEvents"] == "true")
        #expect(watch.first?.query["timeoutSeconds"] == "15")
    }

    @Test("a watch that the deadline cuts has told why the machine is not ready")
    func cutByDeadline() async {
        let bench = bench(
            [.init(lines: [event("ADDED", starting("web")), Samples.initialEnd])]
                + (0..<4).map { _ in .init(failure: .lostAnswer(request: nil, reason: "no answer in time")) })
        let result = await bench.run(
            "apply", "-f", bench.file("a.json", Samples.manifest), "--wait", "--timeout", "1s")
        #expect(result.code == 1)
        #expect(result.errors.contains("virtualmachine.blixard.dev/web is not ready: Starting"), "\(result.errors)")
        #expect(result.errors.hasSuffix("error: timed out waiting for the condition on virtualmachines/web\n"))
    }

    @Test("a watch that is lost, ended, too old or refused for a moment is opened again")
    func again() async {
        let bench = bench([
            .init(failure: .refusal("ServiceUnavailable", "no leader is known", code: 503)),
            .init(
                lines: [event("ADDED", starting("web"))],
                loss: .lostAnswer(request: nil, reason: "the connection was closed")),
            .init(lines: [event("ADDED", starting("web")), Samples.initialEnd]),
            .init(lines: [
                event("ADDED", starting("web")), Samples.initialEnd,
                event("ERROR", ["kind": "Status", "reason": "Expired", "code": 410]),
            ]),
            .init(lines: [event("ERROR", ["kind": "Status", "reason": "TooManyRequests", "code": 429])]),
            .init(failure: .unreachable([.init(endpoint: "node-1", reason: "connection refused")])),
            .init(lines: [event("ADDED", Samples.machine("web")), Samples.initialEnd]),
        ])
        let result = await bench.run("apply", "-f", bench.file("a.json", Samples.manifest), "--wait")
        #expect(result.code == 0)
        #expect(result.output.hasSuffix("virtualmachine.blixard.dev/web ready (node-1)\n"))
        #expect(watches(bench).count == 7)
        #expect(bench.clock.now == Instant.zero + 6 * 300)
    }

    @Test("a watch that a client has no right to ends the wait")
    func refused() async {
        let bench = bench([.init(failure: .refusal("Forbidden", "the key is not admitted", code: 403))])
        let result = await bench.run("wait", "--for=condition=Ready", "vm/web")
        #expect(result.code == 1)
        #expect(result.errors == "Error from server (Forbidden): the key is not admitted\n")
    }

    @Test("a cluster that answers nothing until the deadline is named at the deadline")
    func silence() async {
        let failure = ClientFailure.refusal("ServiceUnavailable", "no leader is known", code: 503)
        let bench = bench(Array(repeating: .init(failure: failure), count: 100))
        let result = await bench.run("wait", "--for=condition=Ready", "vm/web", "--timeout", "2s")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("Error from server (ServiceUnavailable): no leader is known\n"))
        #expect(bench.clock.now == Instant.zero + 2000)
    }

    @Test("many machines of several namespaces are one watch, and each is told when it is ready")
    func many() async {
        func machine(_ name: String, _ namespace: String, ready: Bool) -> JSON {
            var machine = ready ? Samples.machine(name) : starting(name)
            machine["metadata"]?["namespace"] = .string(namespace)
            return machine
        }
        let connection = FakeConnection(streams: [
            [
                event("ADDED", machine("a", "default", ready: true)),
                event("ADDED", machine("b", "prod", ready: false)),
                event("ADDED", machine("other", "prod", ready: false)), Samples.initialEnd,
                event("MODIFIED", machine("other", "prod", ready: true)),
                event("MODIFIED", machine("b", "prod", ready: true)),
            ]
        ]) { call in
            guard call.path == "/blixard/v1/apply" else { return Samples.cluster }
            return Samples.applied(
                [("a", "default"), ("b", "prod")].map { name, namespace in
                    KindInfo.virtualMachine.key(namespace: namespace, name: name)
                })
        }
        let bench = Bench(connection)
        let result = await bench.run("apply", "-f", bench.file("a.json", Samples.manifest), "--wait")
        #expect(
            result.output.hasSuffix(
                "virtualmachine.blixard.dev/a ready (node-1)\nvirtualmachine.blixard.dev/b ready (node-1)\n"))
        #expect(result.errors == "waiting for 1 of 2: b (Starting)\n")
        #expect(watches(bench).map(\.path) == ["/apis/blixard.dev/v1/virtualmachines"])
    }

    @Test("a machine that is deleted while it is waited for will not get ready")
    func deletedMeanwhile() async {
        let bench = bench([
            .init(lines: [
                event("ADDED", starting("web")), Samples.initialEnd, event("DELETED", starting("web")),
            ])
        ])
        let result = await bench.run("apply", "-f", bench.file("a.json", Samples.manifest), "--wait")
        #expect(result.code == 1)
        #expect(
            result.errors.hasSuffix(
                "error: virtualmachine.blixard.dev/web will not get ready: it was deleted meanwhile\n"))
    }

    @Test("a delete ends the moment that the watch tells it")
    func deletion() async {
        let bench = bench([
            .init(lines: [
                event("ADDED", Samples.machine("web", phase: "Terminating")), Samples.initialEnd,
                event("DELETED", Samples.machine("web", phase: "Terminating")),
            ])
        ])
        let result = await bench.run("delete", "vm/web")
        #expect(result.code == 0)
        #expect(result.errors == "waiting for node-1 to remove virtualmachine.blixard.dev/web\n")
        #expect(bench.clock.now == .zero)
    }

    @Test("wait ends the moment that the watch tells the condition, the end or the beginning")
    func conditions() async {
        let web = Samples.machine("web")
        let bench = bench([
            .init(lines: [event("ADDED", starting("web")), Samples.initialEnd, event("MODIFIED", web)]),
            .init(lines: [event("ADDED", web), Samples.initialEnd, event("DELETED", web)]),
            .init(lines: [Samples.initialEnd, event("ADDED", web)]),
        ])
        let ready = await bench.run("wait", "--for=condition=Ready", "vm/web")
        #expect(ready.output == "virtualmachine.blixard.dev/web condition met\n")
        #expect(await bench.run("wait", "--for=delete", "vm/web").output == "virtualmachine.blixard.dev/web deleted\n")
        let created = await bench.run("wait", "--for=create", "vm/web", "vm/web")
        #expect(created == Bench.Result(code: 0, output: "virtualmachine.blixard.dev/web condition met\n", errors: ""))
        #expect(bench.clock.now == .zero)
    }

    @Test("objects of several kinds are followed by a watch of each, and the wait ends the moment that all is told")
    func severalKinds() async {
        let node: JSON = [
            "apiVersion": "blixard.dev/v1", "kind": "Node", "metadata": ["name": "node-1", "generation": 1],
            "status": ["conditions": [["type": "Ready", "status": "True", "reason": "Ready"]]],
        ]
        let bench = bench([
            .init(lines: [event("ADDED", node), Samples.initialEnd], plural: "nodes", staysOpen: true),
            .init(
                lines: [
                    event("ADDED", starting("web")), Samples.initialEnd, event("MODIFIED", starting("other")),
                    event("MODIFIED", Samples.machine("web")),
                ], plural: "virtualmachines", staysOpen: true),
        ])
        let result = await bench.run("wait", "--for=condition=Ready", "vm/web", "node/node-1")
        #expect(result.code == 0 && result.errors == "", "\(result)")
        #expect(
            result.output.split(separator: "\n").sorted() == [
                "node.blixard.dev/node-1 condition met", "virtualmachine.blixard.dev/web condition met",
            ])
        #expect(bench.connection.calls.allSatisfy { $0.method == "WATCH" } && bench.clock.now == .zero)
    }

    @Test("one of several kinds that may not be watched, or is not there, ends the wait")
    func severalKindsRefused() async {
        let refused = bench([
            .init(
                lines: [event("ADDED", starting("web")), Samples.initialEnd], plural: "virtualmachines", staysOpen: true
            ),
            .init(plural: "nodes", failure: .refusal("Forbidden", "the key is not admitted", code: 403)),
        ])
        let result = await refused.run("wait", "--for=condition=Ready", "vm/web", "node/node-1")
        #expect(result.code == 1 && result.errors == "Error from server (Forbidden): the key is not admitted\n")
        let missing = bench([
            .init(
                lines: [event("ADDED", starting("web")), Samples.initialEnd], plural: "virtualmachines", staysOpen: true
            ),
            .init(lines: [Samples.initialEnd], plural: "nodes", staysOpen: true),
        ])
        let end = await missing.run("wait", "--for=condition=Ready", "vm/web", "node/node-9")
        #expect(end.code == 1 && end.errors.contains("nodes.blixard.dev \"node-9\" not found"))
    }
}
