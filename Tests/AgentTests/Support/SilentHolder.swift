import Fleet
import Logging
import Mesh
import NIOCore
import NIOPosix
import Primitives

/// A member that answers the first bytes of every request with what the test says, and then nothing.
final class SilentHolder: Sendable {
    private let identity = Identity()
    private let server: MeshServer
    private let port: Int

    init(answering text: String) async throws {
        var router = Router()
        router.route(.http) { connection in
            connection.channel.eventLoop.makeCompletedFuture {
                try connection.channel.pipeline.syncOperations.addHandler(Mouth(text: text))
                return nil
            }
        }
        server = try MeshServer(
            identity: identity, group: MultiThreadedEventLoopGroup.singleton, router: router,
            limits: ListenerLimits(DescriptorShares(of: 1024)),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { _, _ in .user }
        port = try await server.bind(host: "127.0.0.1", port: 0)
    }

    /// A fleet whose only member this is, as `node-1`.
    var fleet: Fleet {
        var fleet = Fleet()
        let bootstrap = Bootstrap(
            clusterID: "cluster",
            member: Bootstrap.Founder(
                id: 1, name: nil, key: identity.publicKey, addresses: ["127.0.0.1:\(port)"]),
            adminKey: PublicKey([UInt8](repeating: 9, count: 32))!, adminName: "admin")
        _ = fleet.apply(
            CommandEnvelope(
                stamp: WallTime(milliseconds: 1_700_000_000_000), author: nil, command: .bootstrap(bootstrap)), index: 1
        )
        return fleet
    }

    var key: PublicKey { identity.publicKey }

    func stop() async {
        await server.shutdown(graceMilliseconds: 0)
    }

    private final class Mouth: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let text: String
        private var hasSpoken = false

        init(text: String) {
            self.text = text
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasSpoken else { return }
            hasSpoken = true
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}
