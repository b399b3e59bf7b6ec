import API
import Fleet
import Logging
import Mesh
import NIOPosix
import Primitives

/// The API behind the mesh's listener, as a node runs it.
final class TLSServer: Sendable {
    let backend: FakeBackend
    let node: Identity
    let admin: Identity
    let port: Int
    private let service: HTTPService
    private let server: MeshServer
    private let runner: Task<Void, Never>

    init(limits: ListenerLimits) async throws {
        let (node, admin) = (Identity(), Identity())
        let backend = FakeBackend(admin: admin.publicKey, nodeKey: node.publicKey)
        let service = HTTPService(backend: backend, logger: Logger(label: "test"))
        var router = Router()
        router.route(.http, to: service)
        let server = try MeshServer(
            identity: node, group: MultiThreadedEventLoopGroup.singleton, router: router,
            limits: limits, logger: Logger(label: "test")
        ) { key, _ in backend.fleet.role(of: key) == nil ? .refused(reason: "unknown key") : .user }
        port = try await server.bind(host: "127.0.0.1", port: 0)
        (self.node, self.admin, self.backend, self.service, self.server) = (node, admin, backend, service, server)
        runner = Task { await server.run() }
    }

    var counters: ListenerCounters { server.counters }

    var endpoint: Endpoint {
        Endpoint(key: node.publicKey, addresses: ["127.0.0.1:\(port)"], name: "node-1")
    }

    func client(_ identity: Identity) -> APIClient {
        APIClient(identity: identity, endpoints: [endpoint], timeouts: .interactive)
    }

    func stop() async {
        service.endStreams()
        await server.shutdown(graceMilliseconds: 200)
        runner.cancel()
        await runner.value
    }
}

/// Starts a server for the time of a test.
func withTLSServer(
    limits: ListenerLimits = ListenerLimits(DescriptorShares(of: 1024)), _ body: (TLSServer) async throws -> Void
) async throws {
    let server = try await TLSServer(limits: limits)
    do {
        try await body(server)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}
