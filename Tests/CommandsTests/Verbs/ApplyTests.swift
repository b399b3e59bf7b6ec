import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Synchronization
import TestFiles
import Testing

@testable import Commands

@Suite("apply, diff, validate")
struct ApplyTests {
    private func bench(_ respond: @escaping FakeConnection.Responder) -> Bench {
        Bench(
            FakeConnection { call throws(ClientFailure) in
                call.path == "/blixard/v1/cluster" ? Samples.cluster : try respond(call)
            })
    }

    @Test("all documents of all files go into one request, with the revision that was seen before")
    func oneRequest() async throws {
        let bench = bench { _ in Samples.applied("web") }
        let first = bench.file("dir/a.json", Samples.manifest)
        _ = bench.file("dir/ignored.txt", "no manifest")
        _ = bench.file(
            "dir/b.yaml", "apiVersion: blixard.dev/v1\nkind: VirtualMachine\nmetadata: {name: db}\nspec: {}\n")
        let directory = String(first.dropLast("/a.json".count))
        let result = await bench.run("apply", "-f", directory)
        #expect(result == Bench.Result(code: 0, output: "virtualmachine.blixard.dev/web created\n", errors: ""))
        let writes = bench.connection.writes
        try #require(writes.count == 1)
        #expect(writes[0].method == "POST")
        #expect(writes[0].path == "/blixard/v1/apply")
        #expect(writes[0].query == [:])
        #expect(writes[0].body?["documents"]?.array?.map(\.nameText) == ["web", "db"])
        #expect(writes[0].body?["request"]?.string == String(repeating: "01", count: 16))
        #expect(writes[0].body?["baseRevision"] == "41")
        #expect(writes[0].request?.baseRevision == 41)
    }

    @Test("everything that is wrong with any file is printed at once, and nothing is asked of the cluster")
    func allErrors() async {
        let bench = bench { _ in nil }
        let json = bench.file(
            "a.json",
            """
            {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "web"},
             "spec": {"vcpus": 0, "vpcus": 1}}
            """)
        let yaml = bench.file("b.yaml", "kind: on\n")
        let broken = bench.file("c.json", "{\n  \"kind\" \"x\"}")
        let result = await bench.run("apply", "-f", json, "-f", yaml, "-f", broken)
        #expect(result.code == 1)
        #expect(result.output == "")
        let lines = result.errors.split(separator: "\n").map { $0.replacing(bench.directory.path + "/", with: "") }
        #expect(lines.count == 5, "\(lines)")
        #expect(lines[0].hasPrefix("error: a.json:2:20: VirtualMachine web: spec.vcpus: Invalid value: 0"), "\(lines)")
        #expect(lines[1].hasPrefix("error: a.json:2:"), "\(lines)")
        #expect(lines[1].contains("spec.vpcus") && lines[1].contains("vcpus\""), "\(lines)")
        #expect(lines[2].hasPrefix("error: b.yaml:1:7: "), "\(lines)")
        #expect(lines[3].hasPrefix("error: c.json:2:10: "), "\(lines)")
        #expect(lines[4] == "4 errors; nothing was changed")
        #expect(bench.connection.calls.isEmpty)
    }

    @Test("a dry run is told to the server and in every line")
    func dryRun() async {
        var bench = bench { _ in Samples.applied("web", .configured) }
        bench.input = Array(Samples.manifest.utf8)
        let result = await bench.run("apply", "-f", "-", "--dry-run=server", "--wait")
        #expect(result.output == "virtualmachine.blixard.dev/web configured (server dry run)\n")
        #expect(bench.connection.writes[0].query == ["dryRun": "All"])
    }

    @Test(
        "what can't be read is an error that names it",
        arguments: [
            (["apply"], "error: must specify -f\n"),
            (["apply", "-f", "/nowhere/x.json"], "error: the path \"/nowhere/x.json\" does not exist\n"),
            (
                ["apply", "-f", "-", "-f", "-"],
                "error: standard input can be read once: -f - is given more than once\n"
            ),
            (["apply", "-f", "-"], "error: no objects passed to apply\n"),
        ])
    func unreadable(arguments: [String], errors: String) async {
        let result = await bench { _ in nil }.run(arguments)
        #expect(result == Bench.Result(code: 1, output: "", errors: errors))
    }

    @Test("a lost answer says that the write may take effect, its id, and the command that repeats it")
    func lostAnswer() async {
        let bench = bench { _ throws(ClientFailure) in throw .lostAnswer(request: nil, reason: "connection reset") }
        let file = bench.file("a.json", Samples.manifest)
        let result = await bench.run("apply", "-f", file)
        let id = String(repeating: "01", count: 16)
        #expect(result.code == 1)
        #expect(
            result.errors == """
                error: outcome unknown: it may still take effect (the answer got lost: connection reset)
                request id: \(id)@41
                Repeat it and it takes effect once:
                  blixard apply -f \(file) --request-id \(id)@41

                """)
    }

    @Test("an outcome that the server does not know is told like a lost answer")
    func outcomeUnknown() async {
        let bench = bench { _ throws(ClientFailure) in
            throw .refusal("Timeout", "outcome unknown: it may still take effect", code: 504)
        }
        let result = await bench.run("apply", "-f", bench.file("a.json", Samples.manifest))
        #expect(result.errors.hasPrefix("error: outcome unknown: it may still take effect\nrequest id: 0101"))
    }

    @Test("a repeated write has the id and the revision of the first one")
    func repeated() async {
        let bench = bench { _ in Samples.applied("web") }
        let file = bench.file("a.json", Samples.manifest)
        let id = String(repeating: "ab", count: 16)
        #expect(await bench.run("apply", "-f", file, "--request-id", "\(id)@7").code == 0)
        let write = bench.connection.writes[0]
        #expect(write.body?["request"]?.string == id)
        #expect(write.body?["baseRevision"] == "7")
        #expect(write.request == RequestReference("\(id)@7"))
        let result = await bench.run("apply", "-f", file, "--request-id", "short")
        #expect(result.code == 1)
        #expect(result.errors.contains("must be 32 hexadecimal digits"))
    }

    @Test("no quorum is told as the server tells it")
    func noQuorum() async {
        let bench = bench { _ throws(ClientFailure) in
            throw .refusal("ServiceUnavailable", "no quorum: 1 of 3 voters; nothing was recorded", code: 503)
        }
        let result = await bench.run("apply", "-f", bench.file("a.json", Samples.manifest))
        #expect(
            result.errors
                == "Error from server (ServiceUnavailable): no quorum: 1 of 3 voters; nothing was recorded\n")
        #expect(result.code == 1)
    }

    @Test("waiting ends when the machine is ready at the applied generation")
    func waits() async {
        let looks = Mutex(0)
        let bench = bench { call in
            if call.method == "POST" { return Samples.applied("web", .configured, generation: 2) }
            let look = looks.withLock { count in
                count += 1
                return count
            }
            switch look {
            // Ready, but as the generation before wanted it.
            case 1: return Samples.machine("web", generation: 2, observed: 1)
            case 2: return Samples.machine("web", phase: "Starting", ready: "False", generation: 2)
            default: return Samples.machine("web", generation: 2)
            }
        }
        let result = await bench.run("apply", "-f", bench.file("a.json", Samples.manifest), "--wait")
        #expect(
            result.output == """
                virtualmachine.blixard.dev/web configured
                virtualmachine.blixard.dev/web ready (node-1)

                """)
        #expect(result.errors == "waiting for 1 of 1: web (Running)\nwaiting for 1 of 1: web (Starting)\n")
        #expect(result.code == 0)
    }

    @Test("a cluster that gives no answer for a while does not end the wait")
    func patience() async {
        let looks = Mutex(0)
        let bench = bench { call throws(ClientFailure) in
            if call.method == "POST" { return Samples.applied("web") }
            let look = looks.withLock { count in
                count += 1
                return count
            }
            if look == 1 { throw .refusal("ServiceUnavailable", "no leader", code: 503) }
            if look == 2 { throw .unreachable([]) }
            return Samples.machine("web")
        }
        let result = await bench.run("apply", "-f", bench.file("a.json", Samples.manifest), "--wait")
        #expect(result.code == 0)
        #expect(result.output.hasSuffix("virtualmachine.blixard.dev/web ready (node-1)\n"))
    }

    @Test("at the timeout apply says why the machine is not ready")
    func timeout() async {
        let bench = bench { call in
            call.method == "POST"
                ? Samples.applied("web")
                : Samples.machine(
                    "web", phase: "ErrorUnschedulable", ready: "False", node: nil, reason: "NoNodeFits",
                    message: "no node has 64 processors")
        }
        let result = await bench.run(
            "apply", "-f", bench.file("a.json", Samples.manifest), "--wait", "--timeout", "3s")
        #expect(result.code == 1)
        #expect(
            result.errors.hasSuffix(
                """
                virtualmachine.blixard.dev/web is not ready: ErrorUnschedulable; Ready is False: NoNodeFits: \
                no node has 64 processors
                error: timed out waiting for the condition on virtualmachines/web

                """), "\(result.errors)")
    }

    @Test(
        "a machine is as wanted when it is ready, or stopped where that is wanted",
        arguments: [
            ("Always", "Running", "True", true), ("Always", "Stopped", "False", false),
            ("Halted", "Stopped", "False", true), ("Halted", "Running", "True", false),
            ("Once", "Stopped", "False", true), ("RerunOnFailure", "Running", "True", true),
            ("Manual", "Starting", "False", false),
        ])
    func reached(strategy: String, phase: String, ready: String, expected: Bool) {
        let object = Samples.machine("web", phase: phase, ready: ready, runStrategy: strategy)
        let progress = ObjectProgress(machine: object, uid: Samples.uid.description, generation: 1)
        if case .reached = progress { #expect(expected) } else { #expect(!expected) }
    }

    @Test("a machine that was deleted or replaced meanwhile is not waited for")
    func gone() {
        #expect(ObjectProgress(machine: nil, uid: "a", generation: 1) == .gone("it was deleted meanwhile"))
        let other = ObjectProgress(machine: Samples.machine("web", uid: "b"), uid: "a", generation: 1)
        #expect(other == .gone("it was deleted and created anew meanwhile"))
    }

    private func planned(_ operation: String, _ fields: [PlannedField] = [], message: String? = nil) -> PlannedObject {
        PlannedObject(
            key: KindInfo.virtualMachine.key(namespace: "default", name: "web"), operation: operation, message: message,
            fields: fields)
    }

    @Test("diff prints fields, then actions, and exits with 1")
    func diff() async {
        let bench = bench { _ in
            PlanAnswer(
                revision: 41,
                objects: [
                    planned(
                        "configured",
                        [
                            PlannedField(path: "spec.memory", old: "128Mi", new: "256Mi", update: "restart"),
                            PlannedField(path: "spec.vcpus", old: nil, new: 2, update: "recreate"),
                        ]),
                    PlannedObject(
                        key: KindInfo.node.key(namespace: "", name: "node-1"), operation: PlannedObject.unchanged,
                        message: nil, fields: []),
                ],
                actions: [
                    PlannedAction(
                        key: KindInfo.virtualMachine.key(namespace: "prod", name: "db"), node: "node-2",
                        action: "start", reason: "it should run", observedAgeMilliseconds: 3000, changesSomething: true)
                ],
                unknown: [UnobservedNode(node: "node-3", reason: "silent for 42s")]
            ).json
        }
        let result = await bench.run("diff")
        #expect(
            result
                == Bench.Result(
                    code: 1,
                    output: """
                        virtualmachine.blixard.dev/web configured
                          spec.memory: "128Mi" -> "256Mi" (restart)
                          spec.vcpus: <none> -> 2 (recreate)
                        actions:
                          virtualmachine.blixard.dev/db -n prod on node-2: start: it should run (seen 3s ago)
                        unknown:
                          node-3: silent for 42s

                        """,
                    errors: ""))
        #expect(bench.connection.questions.map(\.body) == [.object([:])])
    }

    @Test("diff of what is there already prints nothing and exits with 0")
    func same() async {
        let bench = bench { _ in
            PlanAnswer(revision: 1, objects: [planned(PlannedObject.unchanged)], actions: [], unknown: []).json
        }
        let result = await bench.run("diff", "-f", bench.file("a.json", Samples.manifest))
        #expect(result == Bench.Result(code: 0, output: "", errors: ""))
        #expect(bench.connection.questions[0].body?["documents"]?.array?.count == 1)
    }

    @Test("diff of what an apply would be refused for is an error")
    func refused() async {
        let bench = bench { _ in
            PlanAnswer(
                revision: 1, objects: [planned(PlannedObject.refused, message: "it is being deleted")], actions: [],
                unknown: []
            ).json
        }
        let result = await bench.run("diff", "-f", bench.file("a.json", Samples.manifest))
        #expect(result.code == 2)
        #expect(result.errors == "error: virtualmachine.blixard.dev/web refused: it is being deleted\n")
    }

    @Test("a difference that can't be written is an error, and no difference")
    func unwritable() async {
        var bench = bench { _ in
            PlanAnswer(
                revision: 1, objects: [], actions: [], unknown: [UnobservedNode(node: "node-3", reason: "silent")]
            ).json
        }
        #expect(await bench.run("diff").code == 1)
        bench.outputFailure = OutputClosed(problem: "no space left on device")
        let result = await bench.run("diff")
        #expect(result.code == 2)
        #expect(result.errors == "error: the output can't be written: no space left on device\n")
        #expect(await bench.run("version", "--client").code == 1)
        bench.outputFailure = OutputClosed(problem: nil)
        #expect(await bench.run("diff").code == 141)
    }

    @Test("validate asks no cluster")
    func validate() async {
        let bench = bench { _ in nil }
        let result = await bench.run("validate", "-f", bench.file("a.json", Samples.manifest))
        #expect(result == Bench.Result(code: 0, output: "virtualmachine.blixard.dev/web valid\n", errors: ""))
        #expect(bench.connection.calls.isEmpty)
    }

    @Test("a namespace that was given binds the documents")
    func namespace() async {
        let bench = bench { _ in Samples.applied("web") }
        let file = bench.file("a.json", Samples.manifest)
        _ = await bench.run("apply", "-f", file, "-n", "prod")
        #expect(bench.connection.writes[0].body?["documents"]?[0]?.namespaceText == "prod")
        let other = bench.file(
            "b.json",
            """
            {"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
             "metadata": {"name": "web", "namespace": "test"}, "spec": {}}
            """)
        #expect(await bench.run("apply", "-f", other, "-n", "prod").code == 1)
    }
}
