import NIOCore
import NIOHTTP1
import NIOPosix

/// A web server on loopback that gives one answer to everything, for as long as the body runs.
enum HTTPSource {
    @discardableResult
    static func with<Value>(
        status: HTTPResponseStatus, body: [UInt8], declaring length: Int? = nil, location: String? = nil,
        isKeptOpen: Bool = false, _ run: (_ port: Int) async throws -> Value
    ) async throws -> Value {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Answer(
                            status: status, body: body, length: length ?? body.count, location: location,
                            isKeptOpen: isKeptOpen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await run(channel.localAddress?.port ?? 0)
            try await channel.close()
            return value
        } catch {
            try await channel.close()
            throw error
        }
    }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let status: HTTPResponseStatus
        private let body: [UInt8]
        private let length: Int
        private let location: String?
        private let isKeptOpen: Bool

        init(status: HTTPResponseStatus, body: [UInt8], length: Int, location: String?, isKeptOpen: Bool) {
            self.status = status
            self.body = body
            self.length = length
            self.location = location
            self.isKeptOpen = isKeptOpen
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            var headers: HTTPHeaders = ["Content-Length": "\(length)", "Connection": "close"]
            if let location { headers.add(name: "Location", value: location) }
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            if isKeptOpen { return }
            // A body that is shorter than it was said to be ends with the connection.
            let channel = context.channel
            context.eventLoop.execute { channel.close(promise: nil) }
        }
    }
}
