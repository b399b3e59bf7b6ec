import Contract
import Fleet
import JSONText
import Manifest
import Synchronization
import Testing

@testable import Commands

@Suite("delete, wait, vm, cordon, label")
struct EditTests {
    private func bench(_ respond: @escaping FakeConnection.Responder) -> Bench {
        Bench(
            FakeConnection { call throws(ClientFailure) in
                call.path == "/blixard/v1/cluster" ? Samples.cluster : try respond(call)
            })
    }

    @Test("delete names the node that it waits for, and ends when the object is gone")
    func deleteWaits() async {
        let looks = Mutex(0)
        let bench = bench { call throws(ClientFailure) in
            if call.method == "POST" { return Samples.applied("web", .terminating) }
            let look = looks.withLock { count in
                count += 1
                return count
            }
            if look > 2 { throw .notFound("virtualmachines", "web") }
            return Samples.machine("web", phase: "Terminating", node: "node-2")
        }
        let result = await bench.run("delete", "vm", "web", "--now")
        #expect(
            result
                == Bench.Result(
                    code: 0, output: "virtualmachine.blixard.dev \"web\" deleted from default namespace\n",
                    errors: "waiting for node-2 to remove virtualmachine.blixard.dev/web\n"))
        let body = bench.connection.writes[0].body
        #expect(body?["objects"] == [["kind": "VirtualMachine", "namespace": "default", "name": "web"]])
        #expect(body?["gracePeriodSeconds"] == 1)
    }

    @Test("delete without waiting does not look again")
    func deleteDoesNotWait() async {
        let bench = bench { _ in Samples.applied("web", .terminating) }
        #expect(await bench.run("delete", "vm/web", "--wait=false").code == 0)
        #expect(bench.connection.calls.map(\.path) == ["/blixard/v1/cluster", "/blixard/v1/delete"])
    }

    @Test("a delete that does not end in time says who holds the object")
    func deleteTimeout() async {
        let bench = bench { call in
            call.method == "POST"
                ? Samples.applied("web", .terminating)
                : Samples.machine(
                    "web", phase: "Terminating", ready: "Unknown", node: "node-2", reason: "NodeSilent",
                    message: "node-2 was last heard from 42s ago")
        }
        let result = await bench.run("delete", "vm", "web", "--timeout", "2s")
        #expect(result.code == 1)
        #expect(
            result.errors.hasSuffix(
                "error: timed out waiting for node-2 (node-2 was last heard from 42s ago) to remove "
                    + "virtualmachine.blixard.dev/web; the delete is recorded and takes effect when the node is back\n")
        )
    }

    @Test("objects of the whole cluster are deleted without a namespace, members are cleared")
    func deleteLines() {
        func line(_ operation: MutationResult.Operation) -> String {
            DeleteOptions.line(
                .init(
                    key: .init(kind: "Node", namespace: "", name: "n1"), operation: operation, uid: nil,
                    resourceVersion: 0, generation: 0))
        }
        #expect(line(.deleted) == "node.blixard.dev \"n1\" deleted")
        #expect(line(.cleared).hasPrefix("node.blixard.dev \"n1\" cleared: it is a member"))
    }

    @Test("delete of a type alone needs names, a selector or --all")
    func deleteNeedsNames() async {
        let result = await bench { _ in nil }.run("delete", "vms")
        #expect(result.code == 1)
        #expect(result.errors.contains("no name was specified"))
    }

    @Test("vm delete and delete vm ask the same")
    func machineDelete() async {
        let first = bench { _ in Samples.applied("web", .deleted) }
        let second = first
        #expect(await first.run("vm", "delete", "web", "-n", "prod").code == 0)
        #expect(await second.run("delete", "vm", "web", "-n", "prod").code == 0)
        let writes = first.connection.writes
        #expect(writes.count == 2)
        #expect(writes[0].body?["objects"] == writes[1].body?["objects"])
        #expect(await first.run("vm", "delete", "web", "--grace-period", "-2").code == 1)
    }

    @Test("wait counts a condition only when it was judged by the newest generation")
    func waitForCondition() async {
        let looks = Mutex(0)
        let bench = bench { _ in
            let look = looks.withLock { count in
                count += 1
                return count
            }
            return Samples.machine("web", generation: 2, observed: look < 3 ? 1 : 2)
        }
        let result = await bench.run("wait", "--for=condition=ready", "vm/web")
        #expect(
            result == Bench.Result(code: 0, output: "virtualmachine.blixard.dev/web condition met\n", errors: ""))
        #expect(looks.withLock { $0 } == 3)
    }

    @Test("wait says at the timeout what is missing")
    func waitTimeout() async {
        let bench = bench { _ in
            Samples.machine("web", phase: "Starting", ready: "False", reason: "Starting", message: "it boots")
        }
        let result = await bench.run("wait", "--for=condition=Ready", "vm/web", "--timeout", "1s")
        #expect(
            result
                == Bench.Result(
                    code: 1, output: "",
                    errors: """
                        virtualmachine.blixard.dev/web: Ready is False: Starting: it boots
                        error: timed out waiting for the condition on virtualmachines/web

                        """))
    }

    @Test("wait can be for a value, for the end, and for an object that is not there")
    func waitForOthers() async {
        let running = bench { _ in Samples.machine("web") }
        let value = await running.run("wait", "--for=jsonpath='{.status.phase}'=Running", "vm/web")
        #expect(value.output == "virtualmachine.blixard.dev/web condition met\n")
        let missing = bench { _ throws(ClientFailure) in throw .notFound("virtualmachines", "web") }
        let end = await missing.run("wait", "--for=delete", "vm/web")
        #expect(end == Bench.Result(code: 0, output: "virtualmachine.blixard.dev/web deleted\n", errors: ""))
        let nothing = await missing.run("wait", "--for=condition=Ready", "vm/web")
        #expect(nothing.errors == "Error from server (NotFound): virtualmachines.blixard.dev \"web\" not found\n")
        #expect(nothing.code == 1)
        let created = await missing.run("wait", "--for=create", "vm/web", "--timeout", "1s")
        #expect(created.code == 1)
    }

    @Test("what --for does not know is an error", arguments: ["ready", "condition=", "jsonpath=.a", "jsonpath={.a}x"])
    func waitForNonsense(text: String) async {
        #expect(await bench { _ in nil }.run("wait", "--for=\(text)", "vm/web").code == 1)
    }

    @Test("an edit that meets somebody else's change begins anew, under another id")
    func conflict() async {
        let writes = Mutex(0)
        let bench = bench { call throws(ClientFailure) in
            guard call.method == "PATCH" else { return Samples.machine("web") }
            let count = writes.withLock { count in
                count += 1
                return count
            }
            if count < 3 { throw .refusal("Conflict", "the object has been modified", code: 409) }
            return Samples.machine("web")
        }
        #expect(await bench.run("vm", "stop", "web").code == 0)
        #expect(Set(bench.connection.writes.map { $0.request?.hex }).count == 3)
    }

    @Test("an edit gives up after several conflicts and says so")
    func conflicts() async {
        let bench = bench { call throws(ClientFailure) in
            guard call.method == "PATCH" else { return Samples.machine("web") }
            throw .refusal("Conflict", "the object has been modified", code: 409)
        }
        let result = await bench.run("vm", "stop", "web")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("Error from server (Conflict): the object has been modified\n6 attempts"))
    }

    @Test("cordon and uncordon edit the node")
    func cordon() async {
        let bench = bench { _ in
            ["kind": "Node", "metadata": ["name": "node-1", "resourceVersion": "3"], "spec": ["unschedulable": false]]
        }
        #expect(await bench.run("cordon", "node-1").output == "node.blixard.dev/node-1 cordoned\n")
        #expect(bench.connection.writes[0].body?["spec"] == ["unschedulable": true])
        #expect(await bench.run("uncordon", "node/node-1").output == "node.blixard.dev/node-1 already uncordoned\n")
    }

    @Test("label does not change a value without --overwrite")
    func label() async {
        let bench = bench { _ in
            ["kind": "VirtualMachine", "metadata": ["name": "web", "resourceVersion": "3", "labels": ["a": "1"]]]
        }
        let refused = await bench.run("label", "vm", "web", "a=2")
        #expect(refused.errors == "error: 'a' already has a value (1), and --overwrite is false\n")
        let changed = await bench.run("label", "vm/web", "a=2", "b-", "c=3", "--overwrite")
        #expect(changed.output == "virtualmachine.blixard.dev/web labeled\n")
        #expect(bench.connection.writes[0].body?["metadata"]?["labels"] == ["a": "2", "c": "3"])
        #expect(await bench.run("label", "vm/web", "a=1").output == "virtualmachine.blixard.dev/web not labeled\n")
        #expect(await bench.run("label", "vm/web", "-a=1").code == 1)
    }

    @Test("vm create checks its flags before anything is asked")
    func create() async {
        let bench = bench { _ in Samples.machine("web") }
        let wrong = await bench.run("vm", "create", "web", "--vcpus", "0")
        #expect(wrong.code == 1)
        #expect(wrong.errors.contains("spec.vcpus: Invalid value: 0"), "\(wrong.errors)")
        #expect(bench.connection.calls.isEmpty)
        let right = await bench.run("vm", "create", "web", "--memory", "1Gi")
        #expect(right.output == "virtualmachine.blixard.dev/web created\n")
        #expect(bench.connection.writes[0].path == "/apis/blixard.dev/v1/namespaces/default/virtualmachines")
    }
}
