import Logging
import NIOCore
import NIOPosix
import Primitives
import Synchronization

@testable import API

/// The API on a plain TCP port of this host; who connects is who the test says.
final class TestServer: Sendable {
    let backend: FakeBackend
    let service: HTTPService
    let port: Int
    private let listener: any Channel
    private let peer: Peer
    private let tasks: AsyncStream<@Sendable () async -> Void>.Continuation
    private let runner: Task<Void, Never>

    init(limits: HTTPLimits = .standard) async throws {
        let backend = FakeBackend(admin: Samples.admin)
        let service = HTTPService(backend: backend, limits: limits, logger: Logger(label: "test"))
        let (stream, input) = AsyncStream.makeStream(of: (@Sendable () async -> Void).self)
        let peer = Peer(Samples.admin)
        self.backend = backend
        self.service = service
        tasks = input
        self.peer = peer
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                service.accept(channel, peer: peer.key, place: nil).map { work in
                    input.yield {
                        await work()
                        channel.close(promise: nil)
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        runner = Task {
            await withDiscardingTaskGroup { group in
                for await task in stream { group.addTask { await task() } }
            }
        }
    }

    /// Who connects from now on.
    func connectAs(_ key: PublicKey) { peer.key = key }

    var endpoint: Endpoint { Endpoint(key: nil, addresses: ["127.0.0.1:\(port)"], name: "node-1") }

    func client(_ timeouts: ClientTimeouts = .interactive) -> APIClient {
        APIClient(transport: PlainTransport(), endpoints: [endpoint], timeouts: timeouts)
    }

    func stop() async {
        service.endStreams()
        // The listener is closed once.
        try? await listener.close().get()
        tasks.finish()
        runner.cancel()
        await runner.value
    }

    final class Peer: Sendable {
        private let value: Mutex<PublicKey>
        init(_ key: PublicKey) { value = Mutex(key) }
        var key: PublicKey {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }
}

/// TCP without TLS, for tests of what lies above.
struct PlainTransport: ClientTransport {
    func connect(
        to endpoint: Endpoint, timeoutMilliseconds: Int64,
        configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws(ConnectFailure) -> any Channel {
        let parts = endpoint.addresses[0].split(separator: ":")
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(timeoutMilliseconds))
                .channelInitializer(configure)
                .connect(host: String(parts[0]), port: Int(parts[1]) ?? 0).get()
        } catch {
            throw ConnectFailure(reason: "\(error)")
        }
    }
}

/// Starts a server for the time of a test.
func withServer(
    limits: HTTPLimits = .standard, _ body: (TestServer, APIClient) async throws -> Void
) async throws {
    let server = try await TestServer(limits: limits)
    let client = server.client()
    do {
        try await body(server, client)
    } catch {
        client.close()
        await server.stop()
        throw error
    }
    client.close()
    await server.stop()
}

/// Waits until something has become true, for ten seconds at most.
func eventually(_ condition: @Sendable () async -> Bool) async -> Bool {
    for _ in 0..<2000 {
        if await condition() { return true }
        // A cancelled test is over anyway.
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await condition()
}
