import API
import Contract
import Fleet
import JSONText
import Mesh
import NIOCore
import NIOPosix
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
            let list = try await client.get("/apis/blixard.dev/v1/virtualmachines", accept: MediaType.table)
            #expect(list["rows"]?.array?.count == 1)

            let stranger = Identity()
            let other = server.client(stranger)
            defer { other.close() }
            let error = await #expect(throws: ClientFailure.self) {
                try await other.get("/apis/blixard.dev/v1/nodes")
            }
            guard case .status(let status)? = error, status.reason == .forbidden else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(status.message.contains(stranger.publicKey.description))
        }
    }

    @Test("A newcomer with a valid ticket gets in during a flood of strangers, and the flood does not push it out")
    func flood() async throws {
        var limits = ListenerLimits(DescriptorShares(of: 1024))
        (limits.strangers, limits.strangersPerAddress) = (8, 8)
        limits.strangerMilliseconds = 600_000
        // SHA-256 of the bytes 1, 2, 3.
        let hash = try #require(
            Hex.decode("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"))
        try await withTLSServer(limits: limits) { server in
            server.backend.apply(
                .createTicket(
                    TicketGrant(secretHash: hash, expiresAt: WallTime(milliseconds: 1_800_000_000_000), uses: 1)),
                author: server.admin.publicKey)
            #expect(server.backend.fleet.hasTicket(hash: hash))
            let group = MultiThreadedEventLoopGroup.singleton
            var held: [any Channel] = []
            func flood() async throws {
                for _ in 0..<12 {
                    // Those that are pushed out again were in, too.
                    held.append(
                        try await Dialer(identity: Identity(), group: group).dial(
                            .key(server.node.publicKey, addresses: server.endpoint.addresses), alpn: .http,
                            timeoutMilliseconds: 10_000
                        ) { $0.eventLoop.makeSucceededVoidFuture() }.channel)
                }
            }
            try await flood()
            let newcomer = Identity()
            let client = server.client(newcomer)
            defer { client.close() }
            let answer = try await client.send(
                "POST", "/blixard/v1/join",
                body: [
                    "secret": "010203", "key": .string(newcomer.publicKey.description),
                    "addresses": ["127.0.0.1:7002"], "version": "0.1.0", "incarnation": "7",
                ], request: nil)
            #expect(answer["id"] == 2)
            try await flood()
            #expect(server.counters.strangers == 8)
            // The connection that has shown the ticket is still there, beside the strangers.
            #expect(server.counters.open == 9)
            #expect(try await client.get("/version")["major"] == "1")
            #expect(server.counters.accepted == 25)
            for channel in held {
                // The flood pushed the older ones out.
                try? await channel.close().get()
            }
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

    @Test("A node that takes connections and says nothing is left for the next after a second")
    func frozenNode() async throws {
        let frozen = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        try await withTLSServer { server in
            let silent = Endpoint(
                key: Identity().publicKey, addresses: ["127.0.0.1:\(frozen.localAddress?.port ?? 0)"], name: "frozen")
            let timeouts = ClientTimeouts(
                connectMilliseconds: 500, firstAnswerMilliseconds: 100, requestMilliseconds: 30_000,
                silenceMilliseconds: 30_000)
            func client() -> APIClient {
                APIClient(identity: server.admin, endpoints: [silent, server.endpoint], timeouts: timeouts)
            }
            let (reader, writer, watcher) = (client(), client(), client())
            let cluster = try await reader.get("/blixard/v1/cluster")
            #expect(cluster["clusterID"] == "cluster-a")
            #expect(reader.preferredEndpoint?.name == "node-1")
            let answer = try await writer.send(
                "POST", "/blixard/v1/apply", body: ["documents": [Samples.manifest("web")]],
                request: Samples.request(1))
            #expect(answer["results"]?[0]?["operation"] == "created")
            let lines = try await watcher.lines("/apis/blixard.dev/v1/nodes", query: [("watch", "true")])
            var iterator = lines.makeAsyncIterator()
            let first = try await iterator.next()
            #expect(first?["type"] == "ADDED")
            for client in [reader, writer, watcher] { client.close() }
        }
        try await frozen.close().get()
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
