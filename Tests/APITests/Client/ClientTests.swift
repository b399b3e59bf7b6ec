import API
import Contract
import Fleet
import JSONText
import NIOCore
import NIOPosix
import Primitives
import Synchronization
import Testing

@Suite("Client")
struct ClientTests {
    private let timeouts = ClientTimeouts(
        connectMilliseconds: 300, firstAnswerMilliseconds: 200, requestMilliseconds: 10_000, silenceMilliseconds: 10_000
    )

    /// A port on which nobody listens.
    private func deadEndpoint() async throws -> Endpoint {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close().get()
        return Endpoint(key: nil, addresses: ["127.0.0.1:\(port)"], name: "dead")
    }

    private func client(_ endpoints: [Endpoint]) -> APIClient {
        APIClient(transport: PlainTransport(), endpoints: endpoints, timeouts: timeouts)
    }

    @Test("An endpoint that refuses is left for the next at once, and not tried first again")
    func refused() async throws {
        let dead = try await deadEndpoint()
        try await withServer { server, _ in
            let client = client([dead, server.endpoint])
            defer { client.close() }
            #expect(try await client.get("/blixard/v1/cluster")["clusterID"] == "cluster-a")
            #expect(client.preferredEndpoint?.name == "node-1")
            _ = try await client.send(
                "POST", "/blixard/v1/apply", body: ["documents": [Samples.manifest("web")]],
                request: Samples.request(1))
            #expect(server.backend.fleet[Samples.machine("web")] != nil)
        }
    }

    @Test("When nobody can be reached, everybody is named with the reason")
    func nobody() async throws {
        let client = client([try await deadEndpoint(), try await deadEndpoint()])
        defer { client.close() }
        do {
            _ = try await client.get("/version")
            Issue.record("somebody answered")
        } catch {
            guard case .unreachable(let endpoints) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(endpoints.map(\.endpoint) == ["dead", "dead"])
            #expect("\(error)".contains("dead"))
        }
    }

    @Test("A read whose endpoint says nothing gets company, and the first answer counts")
    func slowRead() async throws {
        try await withServer { slow, _ in
            slow.backend.with { $0.delayMilliseconds = 60_000 }
            try await withServer { quick, _ in
                quick.backend.put([Samples.put(Samples.machine("here"))])
                let client = client([slow.endpoint, quick.endpoint])
                defer { client.close() }
                let list = try await client.get("/apis/blixard.dev/v1/virtualmachines")
                #expect(list["items"]?[0]?["metadata"]?["name"] == "here")
            }
        }
    }

    @Test("A question with a body is read like any other: the slow get company, and what is lost is asked again")
    func question() async throws {
        try await withServer { slow, _ in
            slow.backend.with { $0.delayMilliseconds = 60_000 }
            try await withServer { quick, _ in
                let lossy = try await LossyProxy(to: quick.port, losesFirst: 1)
                let client = client([slow.endpoint, lossy.endpoint, quick.endpoint])
                defer { client.close() }
                let plan = try await client.ask("/blixard/v1/plan", body: ["documents": [Samples.manifest("web")]])
                #expect(plan["objects"]?[0]?["name"] == "web")
                try await lossy.stop()
            }
        }
    }

    @Test("An endpoint without a quorum is left for one that has it, and if none has, that is said")
    func unavailable() async throws {
        try await withServer { alone, _ in
            alone.backend.with { $0.failure = APIStatus(WriteFailure.noQuorum(connected: 1, voters: 3)) }
            try await withServer { good, _ in
                let client = client([alone.endpoint, good.endpoint])
                defer { client.close() }
                #expect(try await client.get("/apis/blixard.dev/v1/nodes")["items"]?.array?.count == 1)
                let fresh = self.client([alone.endpoint, good.endpoint])
                defer { fresh.close() }
                _ = try await fresh.send(
                    "POST", "/blixard/v1/apply", body: ["documents": [Samples.manifest("web")]],
                    request: Samples.request(2))
                #expect(good.backend.fleet[Samples.machine("web")] != nil)
                good.backend.with { $0.failure = APIStatus(WriteFailure.noQuorum(connected: 1, voters: 3)) }
                do {
                    _ = try await client.get("/apis/blixard.dev/v1/nodes")
                    Issue.record("answered")
                } catch {
                    guard case ClientFailure.status(let status)? = error as? ClientFailure,
                        status.reason.code == 503
                    else {
                        Issue.record("\(error)")
                        return
                    }
                }
            }
        }
    }

    @Test("A write whose answer is lost is sent again under its id and applied once")
    func lostAnswer() async throws {
        try await withServer { server, _ in
            let lossy = try await LossyProxy(to: server.port, losesFirst: 1)
            let client = client([lossy.endpoint])
            defer { client.close() }
            let answer = try await client.send(
                "POST", "/blixard/v1/apply",
                body: ["request": .string(Samples.request(3).description), "documents": [Samples.manifest("web")]],
                request: Samples.request(3))
            #expect(answer["results"]?[0]?["operation"] == "created")
            #expect(server.backend.with { $0.writes } == 2)
            #expect(server.backend.fleet[Samples.machine("web")]?.generation == 1)
            try await lossy.stop()
        }
    }

    @Test("A write without an id whose answer is lost is not sent again")
    func lostForGood() async throws {
        try await withServer { server, _ in
            let lossy = try await LossyProxy(to: server.port, losesFirst: 1)
            let client = client([lossy.endpoint, server.endpoint])
            defer { client.close() }
            do {
                _ = try await client.send(
                    "POST", "/blixard/v1/apply", body: ["documents": [Samples.manifest("web")]], request: nil)
                Issue.record("answered")
            } catch {
                guard case ClientFailure.lostAnswer(request: nil, _)? = error as? ClientFailure else {
                    Issue.record("\(error)")
                    return
                }
            }
            #expect(server.backend.with { $0.writes } == 1)
            try await lossy.stop()
        }
    }

    @Test("A connection is kept and used again, and a closed one is replaced without a word")
    func keepAlive() async throws {
        try await withServer { server, _ in
            let counting = try await LossyProxy(to: server.port, losesFirst: 0)
            let client = client([counting.endpoint])
            defer { client.close() }
            for _ in 0..<5 { _ = try await client.get("/version") }
            #expect(counting.connections == 1)
            await counting.closeConnections()
            _ = try await client.get("/version")
            #expect(counting.connections == 2)
            try await counting.stop()
        }
    }

    @Test("Cancelling a call ends it")
    func cancelled() async throws {
        try await withServer { slow, _ in
            slow.backend.with { $0.delayMilliseconds = 60_000 }
            let client = client([slow.endpoint])
            defer { client.close() }
            let call = Task { try await client.get("/apis/blixard.dev/v1/nodes") }
            call.cancel()
            await #expect(throws: ClientFailure.self) { try await call.value }
        }
    }

    @Test("What is not this API is quoted")
    func foreign() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.writeAndFlush(
                    ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), promise: nil)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = client([
            Endpoint(key: nil, addresses: ["127.0.0.1:\(listener.localAddress?.port ?? 0)"], name: nil)
        ])
        defer { client.close() }
        do {
            _ = try await client.get("/version")
            Issue.record("understood")
        } catch {
            guard case .protocolViolation = error else {
                Issue.record("\(error)")
                return
            }
        }
        try await listener.close().get()
    }
}
