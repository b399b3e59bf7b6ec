import NIOCore
import NIOPosix
import Synchronization

/// A TCP relay that cuts connections after so many bytes of the one who connected.
final class CuttingProxy: Sendable {
    private struct State {
        /// For the next connections; nil lets everything pass, and so does an empty list.
        var limits: [Int?]
        /// What each connection brought from the one who connected.
        var passed: [Int] = []
    }

    private let state: Mutex<State>
    private let listener: Mutex<(any Channel)?> = Mutex(nil)
    private let target: Int

    init(to port: Int, limits: [Int?]) {
        target = port
        state = Mutex(State(limits: limits))
    }

    var passed: [Int] { state.withLock { $0.passed } }

    /// Listens and answers its address.
    func start() async throws -> String {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { self.relay($0) }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
        return "127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    func stop() async {
        // A listener that is gone is what is wanted.
        try? await listener.withLock { $0 }?.close()
    }

    private func relay(_ client: any Channel) -> EventLoopFuture<Void> {
        let number = state.withLock { state in
            state.passed.append(0)
            return state.passed.count - 1
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: target)
            .flatMap { server in
                client.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(Forward(to: client) { _ in true })
                    try client.pipeline.syncOperations.addHandler(
                        Forward(to: server) { self.mayPass($0, on: number) })
                    client.setOption(.autoRead, value: true).cascade(to: nil)
                }
            }
    }

    private func mayPass(_ bytes: Int, on number: Int) -> Bool {
        state.withLock { state in
            state.passed[number] += bytes
            guard number < state.limits.count, let limit = state.limits[number] else { return true }
            return state.passed[number] <= limit
        }
    }

    private final class Forward: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let other: any Channel
        private let mayPass: (Int) -> Bool

        init(to other: any Channel, mayPass: @escaping (Int) -> Bool) {
            self.other = other
            self.mayPass = mayPass
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            if mayPass(buffer.readableBytes) {
                other.writeAndFlush(buffer, promise: nil)
            } else {
                context.close(promise: nil)
            }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            // One direction ends, the other goes on.
            if case ChannelEvent.inputClosed = event { other.close(mode: .output, promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
