import API
import NIOCore
import NIOPosix
import Synchronization

/// Passes connections on to a port, and closes the first few just when their answer arrives.
final class LossyProxy: Sendable {
    private struct State {
        var accepted = 0
        var open: [any Channel] = []
    }

    private let listener: any Channel
    private let shared: Shared

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    init(to port: Int, losesFirst lost: Int) async throws {
        let shared = Shared()
        self.shared = shared
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { inbound in
                let number = shared.state.withLock { state in
                    state.accepted += 1
                    state.open.append(inbound)
                    return state.accepted
                }
                return ClientBootstrap(group: inbound.eventLoop)
                    .connect(host: "127.0.0.1", port: port)
                    .flatMapThrowing { outbound in
                        try inbound.pipeline.syncOperations.addHandler(Pipe(to: outbound, swallows: false))
                        try outbound.pipeline.syncOperations.addHandler(Pipe(to: inbound, swallows: number <= lost))
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    var connections: Int { shared.state.withLock { $0.accepted } }

    var endpoint: Endpoint {
        Endpoint(key: nil, addresses: ["127.0.0.1:\(listener.localAddress?.port ?? 0)"], name: "lossy")
    }

    func closeConnections() async {
        let open = shared.state.withLock { state in
            defer { state.open = [] }
            return state.open
        }
        // A connection that is closed already is what is wanted.
        for channel in open { try? await channel.close().get() }
    }

    func stop() async throws {
        await closeConnections()
        try await listener.close().get()
    }

    /// Both ends live on one event loop.
    private final class Pipe: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let swallows: Bool

        init(to other: any Channel, swallows: Bool) {
            self.other = other
            self.swallows = swallows
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if swallows {
                other.close(promise: nil)
                context.close(promise: nil)
            } else {
                other.writeAndFlush(unwrapInboundIn(data), promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }
    }
}
