import Contract
import JSONText
import Testing

@testable import Commands

@Suite("what must take effect once")
struct OnceTests {
    @Test("a restart is sent once, and a lost answer says where to look")
    func restart() async {
        let bench = Bench(
            FakeConnection { _ throws(ClientFailure) in
                throw .lostAnswer(request: nil, reason: "the connection was closed")
            })
        let result = await bench.run("vm", "restart", "web")
        #expect(result.code == 1)
        #expect(
            result.errors == """
                error: outcome unknown: virtualmachine.blixard.dev/web may have been restarted, or may be yet
                Unable to connect to the server: the answer got lost: the connection was closed
                See `blixard vm status web` before you ask for another restart.

                """)
        #expect(bench.connection.writes.map(\.path) == ["/blixard/v1/namespaces/default/virtualmachines/web/restart"])
        #expect(bench.connection.writes.allSatisfy { $0.request == nil && $0.body == nil })
    }

    @Test("a node is removed by its number, so that the request can be repeated")
    func remove() async {
        let bench = Bench(
            FakeConnection { call in
                call.method == "GET" ? Samples.cluster : Samples.removed("node-3", id: 3, machines: ["db"])
            })
        let result = await bench.run("cluster", "remove", "node-3")
        #expect(result.code == 0)
        #expect(
            result.output.hasPrefix("node.blixard.dev/node-3 removed from the cluster\nstill bound to its name: db"))
        let write = bench.connection.writes[0]
        #expect(write.path == "/blixard/v1/nodes/node-3/remove")
        #expect(write.body == ["id": 3, "force": false])
        #expect(write.request != nil)
        let unknown = await bench.run("cluster", "remove", "node-9")
        #expect(unknown.code == 1)
        #expect(unknown.errors.contains("\"node-9\" is the name of no member"))
        #expect(bench.connection.writes.count == 1)
    }

    @Test("a removal whose answer is lost is repeated by its number, whoever has the name by then")
    func removeAgain() async {
        let bench = Bench(
            FakeConnection { call throws(ClientFailure) in
                if call.method == "GET" { return Samples.cluster }
                throw .lostAnswer(request: nil, reason: "the connection was closed")
            })
        let lost = await bench.run("cluster", "remove", "node-3", "--force")
        #expect(lost.code == 1)
        #expect(lost.errors.hasPrefix("error: outcome unknown: it may still take effect\n"))
        #expect(lost.errors.hasSuffix("  blixard cluster remove node-3 --force --id 3\n"))
        let again = Bench(FakeConnection { _ in Samples.removed("node-3", id: 3, machines: []) })
        #expect(await again.run("cluster", "remove", "node-3", "--force", "--id", "3").code == 0)
        #expect(again.connection.calls.map(\.body) == [["id": 3, "force": true]])
    }
}
