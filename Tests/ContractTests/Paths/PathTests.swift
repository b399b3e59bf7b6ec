import Manifest
import Testing

@testable import Contract

@Suite("Paths, queries and headers")
struct PathTests {
    private let web = KindInfo.virtualMachine.key(namespace: "default", name: "web")

    @Test("Our own routes have the paths that are documented")
    func own() {
        let machine = "/blixard/v1/namespaces/default/virtualmachines/web"
        let paths: [(OwnPath, String)] = [
            (.apply, "/blixard/v1/apply"), (.delete, "/blixard/v1/delete"), (.plan, "/blixard/v1/plan"),
            (.cluster, "/blixard/v1/cluster"), (.observed, "/blixard/v1/observed"),
            (.shutdown, "/blixard/v1/shutdown"), (.tickets, "/blixard/v1/tickets"), (.join, "/blixard/v1/join"),
            (.removal(node: "node-3"), "/blixard/v1/nodes/node-3/remove"), (.grants, "/blixard/v1/grants"),
            (.grant(key: "0a"), "/blixard/v1/grants/0a"), (.whoami, "/blixard/v1/whoami"),
            (.reconcile(source: "infra"), "/blixard/v1/gitrepositories/infra/reconcile"),
            (.log(of: web), machine + "/log"),
            (.verb(.start, on: web), machine + "/start"), (.verb(.restart, on: web), machine + "/restart"),
        ]
        for (path, text) in paths {
            #expect(path.text == text)
            #expect("/" + path.pattern == text)
        }
        let name = PathParameter.name.pattern
        #expect(OwnPath.removal(node: name).pattern == "blixard/v1/nodes/:name/remove")
    }

    @Test("A value of a path stays one part of it, whatever it holds")
    func escaping() {
        #expect(OwnPath.removal(node: "a/../b?c").text == "/blixard/v1/nodes/a%2F..%2Fb%3Fc/remove")
        #expect(OwnPath.log(namespace: "\u{e9}", machine: "%").text.hasSuffix("/%C3%A9/virtualmachines/%25/log"))
        let object = ResourcePath.object(.virtualMachine, namespace: "a b", name: "c/d")
        #expect(object == "/apis/blixard.dev/v1/namespaces/a%20b/virtualmachines/c%2Fd")
    }

    @Test("Objects have the paths of a Kubernetes API group")
    func resources() {
        #expect(ResourcePath.collection(.virtualMachine, namespace: nil) == "/apis/blixard.dev/v1/virtualmachines")
        #expect(ResourcePath.collection(.node, namespace: "x") == "/apis/blixard.dev/v1/nodes")
        #expect(ResourcePath.object(.node, namespace: "", name: "node-1") == "/apis/blixard.dev/v1/nodes/node-1")
        #expect(
            ResourcePath.objectPatterns == [
                "apis/blixard.dev/v1/:plural/:name", "apis/blixard.dev/v1/namespaces/:namespace/:plural/:name",
            ])
        #expect(
            DiscoveryPath.allCases.map(\.text)
                == ["/version", "/api", "/apis", "/apis/blixard.dev", "/apis/blixard.dev/v1"])
    }

    @Test("A log's query and position are read as they are written")
    func logs() throws {
        let queries = [
            LogQuery(), LogQuery(offset: 1, limit: 2, tailLines: 3, limitBytes: 4, follow: true),
            LogQuery(offset: 0, limit: 0),
        ]
        for query in queries { #expect(LogQuery(try QueryItems(QueryItems.encode(query.items))) == query) }
        let position = LogPosition(offset: 0, nextOffset: .max, keptOffset: 1, endOffset: 2)
        let headers = Dictionary(uniqueKeysWithValues: position.headers)
        #expect(LogPosition { headers[$0] } == position)
        let nothing = LogPosition(offset: nil, nextOffset: nil, keptOffset: nil, endOffset: nil)
        for text in ["", "-1", "+1", "x", "9223372036854775808", " 1"] {
            #expect(LogPosition { _ in text } == nothing)
        }
        #expect(LogPosition { _ in nil } == nothing)
    }

    @Test("How fresh a read must be is read as it is written, and another word is refused")
    func consistency() throws {
        for wanted in ReadConsistency.allCases {
            #expect(try ReadConsistency(query: QueryItems(QueryItems.encode(wanted.query))) == wanted)
        }
        let status = #expect(throws: APIStatus.self) { try ReadConsistency(query: QueryItems("consistency=old")) }
        #expect(
            status?.message
                == #"query parameter consistency: Unsupported value: "old": supported values: "linearizable", "stale""#)
    }
}
