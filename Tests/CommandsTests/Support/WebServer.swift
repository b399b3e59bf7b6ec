import NIOCore
import NIOHTTP1
import NIOPosix

/// A web server on loopback for as long as the body runs: an answer for each path, and 404 for every other.
enum WebServer {
    struct Page {
        var status = HTTPResponseStatus.ok
        var body = ""
        var location: String?
        /// What the answer says of its length, if not the truth.
        var declaredBytes: Int?
    }

    static func with(_ pages: [String: Page], _ run: (_ port: Int) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answer(pages: pages))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await run(channel.localAddress?.port ?? 0)
            try await channel.close()
        } catch {
            try await channel.close()
            throw error
        }
    }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let pages: [String: Page]
        private var target = ""

        init(pages: [String: Page]) {
            self.pages = pages
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): target = head.uri
            case .body: break
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let page = pages[target] ?? Page(status: .notFound)
            var headers: HTTPHeaders = [
                "Content-Length": "\(page.declaredBytes ?? page.body.utf8.count)", "Connection": "close",
            ]
            if let location = page.location { headers.add(name: "Location", value: location) }
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: page.status, headers: headers))),
                promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: page.body)))), promise: nil)
            let channel = context.channel
            context.eventLoop.execute { channel.close(promise: nil) }
        }
    }
}
