import Contract
import JSONText
import Testing

@testable import Commands

@Suite("sorting and columns of get, events -w, describe")
struct TableFlagTests {
    private static func machine(_ name: String, memory: String, vcpus: Int64?, labels: JSON? = nil) -> JSON {
        var machine = Samples.machine(name)
        machine["spec"]?["memory"] = .string(memory)
        machine["spec"]?["vcpus"] = vcpus.map { .integer($0) }
        machine["metadata"]?["labels"] = labels
        return machine
    }

    private static let machines = [
        machine("vm-10", memory: "512Mi", vcpus: 2, labels: ["app": "web", "example.org/tier": "front"]),
        machine("vm-2", memory: "2Gi", vcpus: 10), machine("a", memory: "1G", vcpus: nil),
    ]

    private let bench = Bench(
        FakeConnection { call in
            guard call.wantsTable else { return Samples.list(Self.machines) }
            var table = Samples.table([])
            let isWhole = call.query["includeObject"] == "Object"
            table["rows"] = .array(
                Self.machines.map { machine in
                    var object = machine
                    if !isWhole { object["spec"] = JSON?.none }
                    return [
                        "cells": [machine["metadata"]?["name"] ?? nil, "Running", "True", "node-1", nil, "1s", 1],
                        "object": object,
                    ]
                })
            return table
        })

    private func names(_ words: String...) async -> [String] {
        let result = await bench.run(["get", "vms", "--no-headers"] + words)
        return result.output.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
    }

    @Test("--sort-by compares numbers, quantities and names with numbers in them as what they are")
    func sorting() async {
        #expect(await names() == ["vm-10", "vm-2", "a"])
        #expect(await names("--sort-by=.metadata.name") == ["a", "vm-2", "vm-10"])
        #expect(await names("--sort-by={.spec.memory}") == ["vm-10", "a", "vm-2"])
        // What has no value comes first.
        #expect(await names("--sort-by", "spec.vcpus") == ["a", "vm-10", "vm-2"])
        #expect(bench.connection.calls.map { $0.query["includeObject"] } == [nil, "Object", "Object", "Object"])
        let list = await bench.run("get", "vms", "-o", "name", "--sort-by=.metadata.name")
        #expect(list.output.hasPrefix("virtualmachine.blixard.dev/a\n"))
        let nothing = await bench.run("get", "vms", "--sort-by=.spec.nothing")
        #expect(nothing.errors == "error: couldn't find any field with path \".spec.nothing\" in the list of objects\n")
        #expect(await bench.run("get", "vms", "--sort-by=.a[").code == 1)
    }

    @Test("labels have columns behind the server's, each of those asked for and all of them")
    func labels() async {
        let result = await bench.run("get", "vms", "-L", "example.org/tier,app", "--show-labels")
        #expect(
            result.output == """
                NAME    STATUS    READY   NODE     IP       AGE   TIER     APP      LABELS
                vm-10   Running   True    node-1   <none>   1s    front    web      app=web,example.org/tier=front
                vm-2    Running   True    node-1   <none>   1s    <none>   <none>   <none>
                a       Running   True    node-1   <none>   1s    <none>   <none>   <none>

                """)
        #expect(await bench.run("get", "vms", "-L", "a,,b").code == 1)
        #expect(await names("--show-kind")[0] == "virtualmachine.blixard.dev/vm-10")
    }

    @Test("events are watched by the server's rows, of the object and the type that are asked for")
    func watchedEvents() async {
        let row: @Sendable (String) -> JSON = { reason in
            [
                "kind": "Table", "metadata": ["resourceVersion": "20"],
                "columnDefinitions": [["name": "Last Seen"], ["name": "Reason"]],
                "rows": [["cells": ["1s", .string(reason)], "object": ["metadata": ["resourceVersion": "21"]]]],
            ]
        }
        let end: JSON = ["type": "ERROR", "object": ["kind": "Status", "status": "Failure", "code": 403]]
        let bench = Bench(
            FakeConnection(streams: [[["type": "ADDED", "object": row("Stopped")], end]]) { _ in row("Started") })
        let result = await bench.run("events", "-w", "--for", "vm/web", "--types", "Warning")
        #expect(result.output == "LAST SEEN   REASON\n1s          Started\n1s          Stopped\n")
        let selectors = Set(bench.connection.calls.map { $0.query["fieldSelector"] })
        #expect(selectors == ["involvedObject.kind=VirtualMachine,involvedObject.name=web,type=Warning"])
        #expect(bench.connection.calls.last?.method == "WATCH")
    }

    @Test("describe takes the objects with some labels, in every namespace")
    func describe() async {
        let result = await bench.run("describe", "vms", "-l", "app=web", "-A")
        #expect(result.output.contains("Name:         vm-10"))
        let list = bench.connection.calls[0]
        #expect(list.path == "/apis/blixard.dev/v1/virtualmachines" && list.query["labelSelector"] == "app=web")
        #expect(await bench.run("describe", "vm", "web", "-l", "app=web").code == 1)
        #expect(await bench.run("describe", "vm/web", "-A").code == 1)
    }
}
