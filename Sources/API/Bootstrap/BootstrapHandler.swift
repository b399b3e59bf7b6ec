import NIOCore
import NIOHTTP1

/// Answers the one request of a connection to the plain port and closes it.
final class BootstrapHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answers: BootstrapAnswers
    private let asked: () -> Void
    /// A second request on the same connection is not heard.
    private var hasRequest = false

    /// - Parameter asked: Is called when the head of the request is there.
    init(answers: BootstrapAnswers, asked: @escaping () -> Void) {
        self.answers = answers
        self.asked = asked
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // The head says it all; a body, if there is one, is of no interest.
        guard case .head(let head) = unwrapInboundIn(data), !hasRequest else { return }
        hasRequest = true
        asked()
        let answers = answers
        let answer = context.eventLoop.makePromise(of: BootstrapAnswer.self)
        // Bounded by the number of connections, and by their deadline.
        answer.completeWithTask { await answers.answer(method: head.method, target: head.uri) }
        answer.futureResult.assumeIsolated().whenSuccess { answer in
            self.write(answer, withBody: head.method != .HEAD, context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !hasRequest else { return context.close(promise: nil) }
        hasRequest = true
        write(BootstrapAnswer(status: .badRequest, text: "not HTTP\n"), withBody: true, context: context)
    }

    private func write(_ answer: BootstrapAnswer, withBody: Bool, context: ChannelHandlerContext) {
        var headers: HTTPHeaders = [
            "Content-Type": answer.contentType, "Content-Length": String(answer.body.count), "Connection": "close",
            "Cache-Control": "no-store",
        ]
        if answer.status == .methodNotAllowed { headers.add(name: "Allow", value: "GET, HEAD") }
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if withBody { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil) }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }
}
