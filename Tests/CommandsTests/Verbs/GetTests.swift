import Contract
import JSONText
import Testing

@testable import Commands

@Suite("get, describe, events, logs")
struct GetTests {
    private let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"

    private func tableBench(_ rows: [(name: String, status: String)]) -> Bench {
        Bench(FakeConnection { _ in Samples.table(rows) })
    }

    @Test("a list is the server's table")
    func table() async {
        let bench = tableBench([("web", "Running"), ("database", "Stopped")])
        let result = await bench.run("get", "vms")
        #expect(
            result.output == """
                NAME       STATUS    READY   NODE     IP       AGE
                web        Running   True    node-1   <none>   90s
                database   Stopped   True    node-1   <none>   90s

                """)
        #expect(result.code == 0)
        let call = bench.connection.calls[0]
        #expect(call.path == machines)
        #expect(call.wantsTable)
    }

    @Test("wide shows the columns of lower priority")
    func wide() async {
        let result = await tableBench([("web", "Running")]).run("get", "vms", "-owide", "--no-headers")
        #expect(result.output == "web   Running   True   node-1   <none>   90s   2\n")
    }

    @Test("all namespaces have theirs as first column")
    func allNamespaces() async {
        let bench = tableBench([("web", "Running")])
        let result = await bench.run("get", "vm", "-A")
        #expect(result.output.hasPrefix("NAMESPACE   NAME"))
        #expect(bench.connection.calls[0].path == "/apis/blixard.dev/v1/virtualmachines")
    }

    @Test("several types are several tables, and the names say which")
    func severalTypes() async {
        let result = await tableBench([("web", "Running")]).run("get", "vms,nodes")
        #expect(
            result.output == """
                NAME                             STATUS    READY   NODE     IP       AGE
                virtualmachine.blixard.dev/web   Running   True    node-1   <none>   90s

                NAME                   STATUS    READY   NODE     IP       AGE
                node.blixard.dev/web   Running   True    node-1   <none>   90s

                """)
    }

    @Test("names are rows of one table; what is missing is an error beside them")
    func names() async {
        let bench = Bench(
            FakeConnection { call throws(ClientFailure) in
                if call.path.hasSuffix("/gone") { throw .notFound("virtualmachines", "gone") }
                return Samples.table([("web", "Running")])
            })
        let result = await bench.run("get", "vm/web", "vm/gone")
        #expect(result.code == 1)
        #expect(result.output.contains("web    Running"))
        #expect(result.errors == "Error from server (NotFound): virtualmachines.blixard.dev \"gone\" not found\n")
        let ignored = await bench.run("get", "vm", "gone", "--ignore-not-found")
        #expect(ignored == Bench.Result(code: 0, output: "", errors: ""))
    }

    @Test("nothing found is said on standard error, with exit code 0")
    func nothing() async {
        let result = await tableBench([]).run("get", "vms", "-n", "prod")
        #expect(result == Bench.Result(code: 0, output: "", errors: "No resources found in prod namespace.\n"))
        let all = await tableBench([]).run("get", "vms", "-A")
        #expect(all.errors == "No resources found\n")
    }

    @Test("one object by name is printed as it is, a list as a List")
    func json() async throws {
        let bench = Bench(
            FakeConnection { call in
                call.path.hasSuffix("/web") ? Samples.machine("web") : Samples.list([Samples.machine("web")])
            })
        let one = await bench.run("get", "vm", "web", "-o", "json")
        #expect(try JSON(parsing: one.output) == Samples.machine("web"))
        let many = try JSON(parsing: await bench.run("get", "vms", "-o", "json").output)
        #expect(many["kind"] == "List")
        #expect(many["metadata"] == ["resourceVersion": ""])
        #expect(many["items"]?.array?.count == 1)
        let yaml = await bench.run("get", "vm", "web", "-o", "yaml")
        #expect(yaml.output.hasPrefix("apiVersion: blixard.dev/v1\nkind: VirtualMachine\nmetadata:\n  name: web\n"))
        #expect(await bench.run("get", "vms", "-o", "name").output == "virtualmachine.blixard.dev/web\n")
        #expect(await bench.run("get", "vm/web", "-o", "jsonpath={.status.nodeName}").output == "node-1")
        let columns = await bench.run("get", "vms", "-o", "custom-columns=N:.metadata.name,C:.spec.vcpus")
        #expect(columns.output == "N     C\nweb   1\n")
    }

    @Test("an unknown format lists those that there are")
    func unknownFormat() async {
        let result = await Bench().run("get", "vms", "-o", "xml")
        #expect(result.code == 1)
        #expect(
            result.errors == "error: unable to match a printer suitable for the output format \"xml\", allowed formats "
                + "are: json, yaml, name, wide, jsonpath=TEMPLATE, custom-columns=SPEC\n")
    }

    @Test("an unknown type suggests what is near")
    func unknownType() async {
        let result = await Bench().run("get", "nodez")
        #expect(result.code == 1)
        #expect(result.errors == "error: the server doesn't have a resource type \"nodez\"; did you mean \"node\"?\n")
    }

    @Test("a stale answer says so")
    func stale() async {
        let bench = Bench(
            FakeConnection { _ in
                var table = Samples.table([("web", "Running")])
                table["metadata"] = [
                    "resourceVersion": "3",
                    "annotations": ["blixard.dev/consistency": "stale", "blixard.dev/leader": "none"],
                ]
                return table
            })
        let result = await bench.run("get", "vms", "--consistency", "stale")
        #expect(result.code == 0)
        #expect(result.errors == "Warning: this is what the answering node knows; it may be stale (leader: none)\n")
        #expect(bench.connection.calls[0].query["consistency"] == "stale")
    }

    @Test("without a quorum a read says what still works")
    func noQuorum() async {
        let bench = Bench(
            FakeConnection { _ throws(ClientFailure) in
                throw .refusal("ServiceUnavailable", "no quorum: 1 of 3 voters", code: 503)
            })
        let result = await bench.run("get", "vms")
        #expect(result.code == 1)
        #expect(
            result.errors == "Error from server (ServiceUnavailable): no quorum: 1 of 3 voters\n"
                + "The same with --consistency stale shows what the answering node knows.\n")
    }

    @Test("a watch prints the list, then each change, and goes on after the last one when the stream ends")
    func watch() async {
        // A server names the columns once in a stream; the list has named them before.
        var change = Samples.table([("web", "Stopping")])
        change["columnDefinitions"] = []
        let connection = FakeConnection(streams: [
            [
                ["type": "MODIFIED", "object": change],
                ["type": "BOOKMARK", "object": ["metadata": ["resourceVersion": "25"]]],
            ],
            [["type": "MODIFIED", "object": Samples.machine("web", phase: "Stopped")]],
            [["type": "ERROR", "object": ["kind": "Status", "reason": "Expired", "message": "too old"]]],
        ]) { call in
            Samples.table([("web", call.path.hasSuffix("/web") ? "Stopped" : "Running")])
        }
        let result = await Bench(connection).run("get", "vms", "-w")
        #expect(
            result.output == """
                NAME   STATUS    READY   NODE     IP       AGE
                web    Running   True    node-1   <none>   90s
                web    Stopping   True    node-1   <none>   90s
                web    Stopped    True    node-1   <none>   90s
                web    Running    True    node-1   <none>   90s

                """)
        let watches = connection.calls.filter { $0.method == "WATCH" }
        #expect(watches.map { $0.query["resourceVersion"] } == ["20", "25", "12", "20"])
        // The script of the connection ended: then the watch ends with that error.
        #expect(result.code == 1)
    }

    @Test("a watch outlives a failover: it says so once, and goes on after the last change that it saw")
    func watchOutlivesFailover() async {
        let connection = FakeConnection(watches: [
            .init(lines: [["type": "MODIFIED", "object": Samples.machine("web", phase: "Stopping")]]),
            .init(failure: .refusal("ServiceUnavailable", "no leader is known at the moment", code: 503)),
            .init(failure: .unreachable([.init(endpoint: "node-1", reason: "connection refused")])),
            .init(failure: .lostAnswer(request: nil, reason: "the connection was closed")),
            .init(lines: [["type": "MODIFIED", "object": Samples.machine("web", phase: "Stopped")]]),
            .init(lines: [
                ["type": "ERROR", "object": ["kind": "Status", "reason": "Timeout", "message": "slow", "code": 504]]
            ]),
            .init(failure: .refusal("Forbidden", "the key is not admitted", code: 403)),
        ]) { _ in Samples.list([Samples.machine("web")]) }
        let result = await Bench(connection).run("get", "vms", "-w", "-o", "jsonpath={.status.phase}{\"\\n\"}")
        #expect(result.output == "Running\nStopping\nStopped\n")
        #expect(result.code == 1)
        #expect(
            result.errors == """
                Warning: the watch goes on when it can (Error from server (ServiceUnavailable): no leader is known at \
                the moment)
                Warning: the watch goes on when it can (Error from server (Timeout): slow)
                Error from server (Forbidden): the key is not admitted

                """)
        let watches = connection.calls.filter { $0.method == "WATCH" }
        #expect(watches.map { $0.query["resourceVersion"] } == ["20", "12", "12", "12", "12", "12", "12"])
        #expect(connection.calls.count { $0.method == "GET" } == 1)
    }

    @Test("a watch that can't begin ends like any other read")
    func watchCannotBegin() async {
        let connection = FakeConnection { _ throws(ClientFailure) in
            throw .refusal("ServiceUnavailable", "no leader is known at the moment", code: 503)
        }
        let result = await Bench(connection).run("get", "vms", "-w")
        #expect(result.code == 1)
        #expect(connection.calls.count == 1)
    }

    @Test("describe shows the object, its conditions and its events")
    func describe() async {
        let bench = Bench(
            FakeConnection { call in
                guard call.path.hasSuffix("/events") else { return Samples.machine("web") }
                let event: JSON = [
                    "type": "Normal", "reason": "Started", "message": "started on node-1", "count": 1,
                    "source": ["component": "node-1"], "firstTimestamp": "2027-01-15T07:58:00Z",
                    "lastTimestamp": "2027-01-15T07:59:30Z", "metadata": ["namespace": "default"],
                    "involvedObject": ["kind": "VirtualMachine", "namespace": "default", "name": "web"],
                ]
                return Samples.list([event], kind: "EventList")
            })
        let result = await bench.run("describe", "vm", "web")
        #expect(
            result.output == """
                Name:         web
                Namespace:    default
                Labels:       <none>
                Annotations:  <none>
                API Version:  blixard.dev/v1
                Kind:         VirtualMachine
                UID:          \(Samples.uid)
                Generation:   1
                Created:      2027-01-15T07:58:00Z (2m ago)
                Spec:
                  runStrategy: Always
                  stopped: false
                  vcpus: 1
                  memory: 128Mi
                Status:
                  observedGeneration: 1
                  phase: Running
                  nodeName: node-1
                Conditions:
                  Type    Status   LastTransitionTime     Reason    Message
                  Ready   True     2027-01-15T07:59:00Z   Running   
                Events:
                  Type     Reason    Age   From     Message
                  Normal   Started   30s   node-1   started on node-1

                """)
    }

    @Test("events are filtered by object and printed the oldest first")
    func events() async {
        let bench = Bench(
            FakeConnection { _ in
                func event(_ name: String, _ reason: String, _ last: String, count: Int64) -> JSON {
                    [
                        "type": "Warning", "reason": .string(reason), "message": "m", "count": .integer(count),
                        "firstTimestamp": "2027-01-15T05:00:00Z", "lastTimestamp": .string(last),
                        "involvedObject": ["kind": "VirtualMachine", "namespace": "default", "name": .string(name)],
                    ]
                }
                return Samples.list([
                    event("web", "Second", "2027-01-15T07:55:00Z", count: 12),
                    event("web", "First", "2027-01-15T07:00:00Z", count: 1),
                    event("db", "Other", "2027-01-15T07:00:00Z", count: 1),
                ])
            })
        let result = await bench.run("events", "--for", "vm/web")
        #expect(
            result.output == """
                LAST SEEN          TYPE      REASON   OBJECT               MESSAGE
                60m                Warning   First    virtualmachine/web   m
                5m (x12 over 3h)   Warning   Second   virtualmachine/web   m

                """)
    }
}
