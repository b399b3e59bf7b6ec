import API
import Contract
import Logging
import Mesh
import NIOCore
import NIOPosix
import Primitives
import Synchronization

@testable import Agent

/// The API behind the mesh's listener, over a backend that answers when the test wants it to.
final class ServingNode: Sendable {
    let backend: WaitingBackend
    let http: HTTPService
    /// What those who wait too long are told.
    let whatToTell = Mutex<APIStatus?>(nil)
    private let node = Identity()
    private let admin = Identity()
    private let server: MeshServer
    private let port: Int
    private let runner: Task<Void, Never>

    init() async throws {
        backend = WaitingBackend(node: node.publicKey, admin: admin.publicKey)
        let logger = Logger(label: "test")
        http = HTTPService(backend: backend, logger: logger)
        var router = Router()
        router.route(.http, to: http)
        let server = try MeshServer(
            identity: node, group: MultiThreadedEventLoopGroup.singleton, router: router,
            limits: ListenerLimits(DescriptorShares(of: 1024)),
            logger: logger
        ) { _, _ in .user }
        port = try await server.bind(host: "127.0.0.1", port: 0)
        self.server = server
        runner = Task { await server.run() }
    }

    func client() -> APIClient {
        APIClient(
            identity: admin,
            endpoints: [Endpoint(key: node.publicKey, addresses: ["127.0.0.1:\(port)"], name: "node-1")],
            timeouts: ClientTimeouts(
                connectMilliseconds: 60_000, firstAnswerMilliseconds: 60_000, requestMilliseconds: 60_000,
                silenceMilliseconds: 60_000))
    }

    /// Whether somebody listens.
    func isReachable() async -> Bool {
        do {
            try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get().close().get()
            return true
        } catch {
            return false
        }
    }

    func end(timeouts: GracefulShutdown.Timeouts) async {
        await GracefulShutdown(server: server, http: http, timeouts: timeouts) { [self] in
            backend.release(whatToTell.withLock { $0 })
        }.perform()
        await runner.value
    }
}
