import API
import JSONText
import Mesh
import Primitives
import Testing

@Suite("The API on the mesh's port")
struct TLSTests {
    @Test("A user's key is who it proves to be, and a stranger is told why it is refused")
    func keys() async throws {
        try await withTLSServer { server in
            let client = server.client(server.admin)
            defer { client.close() }
            let answer = try await client.send(
                "POST", "/blixard/v1/apply", body: ["documents": [Samples.manifest("web")]],
                request: Samples.request(1))
            #expect(answer["results"]?[0]?["operation"] == "created")
            let list = try await client.get("/apis/blixard.dev/v1/virtualmachines", accept: APIClient.acceptTable)
            #expect(list["rows"]?.array?.count == 1)

            let stranger = Identity()
            let other = server.client(stranger)
            defer { other.close() }
            let error = await #expect(throws: ClientFailure.self) {
                try await other.get("/apis/blixard.dev/v1/nodes")
            }
            guard case .status(let status, code: 403)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(status["message"]?.string?.contains(stranger.publicKey.description) == true)
        }
    }

    @Test("A node with another key than the expected one is not spoken to")
    func wrongNode() async throws {
        try await withTLSServer { server in
            let endpoint = Endpoint(
                key: Identity().publicKey, addresses: server.endpoint.addresses, name: "impostor")
            let client = APIClient(identity: server.admin, endpoints: [endpoint], timeouts: .interactive)
            defer { client.close() }
            let error = await #expect(throws: ClientFailure.self) { try await client.get("/version") }
            guard case .unreachable(let endpoints)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(endpoints.first?.reason.contains(server.node.publicKey.description) == true)
        }
    }

    @Test("A watch over TLS ends cleanly when the node stops")
    func watch() async throws {
        try await withTLSServer { server in
            let client = server.client(server.admin)
            defer { client.close() }
            let lines = try await client.lines("/apis/blixard.dev/v1/nodes", query: [("watch", "true")])
            var iterator = lines.makeAsyncIterator()
            let first = try await iterator.next()
            #expect(first?["object"]?["metadata"]?["name"] == "node-1")
            async let stopped: Void = server.stop()
            let last = try await iterator.next()
            #expect(last == nil)
            await stopped
        }
    }

    @Test("A large apply and a large list go through in both directions")
    func large() async throws {
        try await withTLSServer { server in
            let client = server.client(server.admin)
            defer { client.close() }
            let documents = (0..<2000).map { Samples.manifest("machine-\($0)", labels: ["number": "\($0)"]) }
            _ = try await client.send(
                "POST", "/blixard/v1/apply", body: ["documents": .array(documents)], request: Samples.request(2))
            let list = try await client.get("/apis/blixard.dev/v1/virtualmachines")
            #expect(list["items"]?.array?.count == 2000)
        }
    }
}
