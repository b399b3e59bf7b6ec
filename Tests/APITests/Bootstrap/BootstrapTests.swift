import JSONText
import Logging
import NIOCore
import NIOPosix
import Primitives
import Testing

@testable import API

@Suite("The plain port")
struct BootstrapTests {
    private func server(
        of backend: FakeBackend, _ limits: BootstrapLimits = BootstrapLimits(connections: 64),
        sharing service: HTTPService? = nil
    ) -> BootstrapServer {
        BootstrapServer(
            backend: backend, sharing: service ?? HTTPService(backend: backend, logger: Logger(label: "test")),
            limits: limits, group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
    }

    private func withPort(
        limits: BootstrapLimits = BootstrapLimits(connections: 64), sharing service: HTTPService? = nil,
        _ body: (FakeBackend, Int) async throws -> Void
    ) async throws {
        let backend = FakeBackend(admin: Samples.admin)
        let server = server(of: backend, limits, sharing: service)
        let port = try await server.bind(host: "127.0.0.1", port: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            do {
                try await body(backend, port)
            } catch {
                await server.shutdown()
                throw error
            }
            // The server has an end of its own, and waits for the answers that are under way.
            await server.shutdown()
            try await group.waitForAll()
        }
    }

    private func exchange(_ port: Int, _ text: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            // The server may have closed already.
            if !text.isEmpty { try? await outbound.write(ByteBuffer(string: text)) }
            var answer = ""
            do {
                for try await buffer in inbound { answer += String(buffer: buffer) }
            } catch {
                answer += "<reset>"
            }
            return answer
        }
    }

    private func get(_ port: Int, _ path: String) async throws -> (head: String, body: String) {
        let answer = try await exchange(port, "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
        return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
    }

    @Test("The bootstrap document has its known members and more")
    func document() async throws {
        try await withPort { backend, port in
            let json = try JSON(parsing: try await get(port, "/bootstrap").body)
            #expect(json["node_id"] == 1)
            #expect(json["p2p_node_id"]?.string == backend.local.key.description)
            #expect(json["p2p_addresses"] == ["127.0.0.1:7001"])
            #expect(json["p2p_relay_url"] == .null)
            #expect(json["cluster_id"] == "cluster-a")
            #expect(json["version"] == "0.1.0")
        }
    }

    @Test("Health, readiness and metrics are answered")
    func health() async throws {
        try await withPort { backend, port in
            #expect(try await get(port, "/healthz").head.hasPrefix("HTTP/1.1 200"))
            #expect(try await get(port, "/readyz").head.hasPrefix("HTTP/1.1 200"))
            backend.with { $0.readiness = .notReady("no leader is known") }
            let notReady = try await get(port, "/readyz?verbose")
            #expect(notReady.head.hasPrefix("HTTP/1.1 503"))
            #expect(notReady.body == "no leader is known\n")
            #expect(try await get(port, "/metrics").body == "blixard_up 1\n")
            #expect(try await get(port, "/apis").head.hasPrefix("HTTP/1.1 404"))
        }
    }

    /// Asks for the readiness of a backend that never tells it, and answers the connection once the backend is asked.
    private func askInVain(_ port: Int, _ backend: FakeBackend) async throws -> any Channel {
        backend.with { $0.readiness = nil }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"))
        #expect(await eventually { backend.with { $0.waitingForReadiness } == 1 })
        return channel
    }

    @Test("The work of an answer ends with its connection")
    func closed() async throws {
        try await withPort { backend, port in
            let channel = try await askInVain(port, backend)
            try await channel.close().get()
            #expect(await eventually { backend.with { $0.waitingForReadiness } == 0 })
        }
    }

    @Test("The work of an answer ends with the server, which closes the connection")
    func cancelled() async throws {
        let backend = FakeBackend(admin: Samples.admin)
        let server = server(of: backend)
        let port = try await server.bind(host: "127.0.0.1", port: 0)
        let channel = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            let channel = try await askInVain(port, backend)
            group.cancelAll()
            return channel
        }
        #expect(backend.with { $0.waitingForReadiness } == 0)
        try await channel.closeFuture.get()
        #expect(try await exchange(port, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") == "")
        await server.shutdown()
    }

    @Test("Only GET and HEAD are answered, and HEAD without a body")
    func methods() async throws {
        try await withPort { _, port in
            let post = try await exchange(port, "POST /bootstrap HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
            #expect(post.hasPrefix("HTTP/1.1 405"))
            let head = try await exchange(port, "HEAD /bootstrap HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 200") && head.hasSuffix("\r\n\r\n"))
            #expect(try await exchange(port, "\u{3}\u{4}\r\n\r\n").hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test("Metrics are counted with what the node holds for its readers, and refused when there is no room")
    func metricsBudget() async throws {
        var limits = HTTPLimits.standard
        (limits.outputBytesOfKey, limits.outputBytes) = (1000, 1000)
        let service = HTTPService(
            backend: FakeBackend(admin: Samples.admin), limits: limits, logger: Logger(label: "test"))
        try await withPort(sharing: service) { backend, port in
            #expect(try await get(port, "/metrics").body == "blixard_up 1\n")
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "127.0.0.1", port: 0).get()
            let other = service.outputBudget.open(Samples.viewer, channel)
            #expect(service.outputBudget.ask(other, bytes: 1000, share: nil))
            #expect(try await get(port, "/metrics").head.hasPrefix("HTTP/1.1 503"))
            #expect(backend.with { $0.rendered } == 1)
            #expect(try await get(port, "/healthz").body == "ok\n")
            service.outputBudget.close(other)
            try await channel.close().get()
            #expect(await eventually { service.outputBudget.use.bytes == 0 })
        }
    }

    @Test("The silent and the many are closed, and the next one is served")
    func limits() async throws {
        var limits = BootstrapLimits(connections: 2)
        (limits.headMilliseconds, limits.connectionMilliseconds, limits.headerBytes) = (100, 150, 1024)
        try await withPort(limits: limits) { _, port in
            let silent = try await exchange(port, "")
            #expect(silent.isEmpty || silent == "<reset>")
            let slow = try await exchange(port, "GET /healthz HTTP/1.1\r\nX")
            #expect(!slow.contains("200"))
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<6 { group.addTask { try await exchange(port, "GET /healthz HT") } }
                var answers: [String] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.allSatisfy { !$0.contains("200") })
            let isServed = await eventually {
                // A connection that is refused while others are closing is tried again.
                (try? await get(port, "/healthz").head.hasPrefix("HTTP/1.1 200")) == true
            }
            #expect(isServed)
        }
    }

    @Test("Connections that are only held give way to those that ask")
    func held() async throws {
        var limits = BootstrapLimits(connections: 4)
        (limits.headMilliseconds, limits.connectionMilliseconds) = (600_000, 600_000)
        try await withPort(limits: limits) { _, port in
            var held: [any Channel] = []
            for _ in 0..<40 {
                held.append(
                    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                        .connect(host: "127.0.0.1", port: port).get())
            }
            for _ in 0..<10 { #expect(try await get(port, "/healthz").head.hasPrefix("HTTP/1.1 200")) }
            let all = held
            #expect(await eventually { all.count { $0.isActive } <= 4 })
            for channel in held { channel.close(promise: nil) }
        }
    }
}
