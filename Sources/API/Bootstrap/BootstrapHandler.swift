import Contract
import NIOCore
import NIOHTTP1

/// Answers the one request of a connection to the plain port and closes it.
final class BootstrapHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answers: BootstrapAnswers
    private let begin: (@escaping @Sendable () async -> Void) -> Bool
    /// A second request on the same connection is not heard.
    private var hasRequest = false
    /// What has come of a webhook's call whose body is still arriving.
    private var call: (source: String, headers: HTTPHeaders, body: [UInt8])?
    /// Given when the connection is closed.
    private let closed = StopSignal()

    /// - Parameter begin: Is called when the head of the request is there, with the work of the answer. It runs it as a
    ///   task of its own and answers true, or false if it begins nothing any more.
    init(answers: BootstrapAnswers, begin: @escaping (@escaping @Sendable () async -> Void) -> Bool) {
        self.answers = answers
        self.begin = begin
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard !hasRequest else { return }
            hasRequest = true
            if head.method == .POST, let source = WebhookCall.source(of: head.uri) {
                expectCall(source, head, context: context)
            } else {
                // The head says it all; a body, if there is one, is of no interest.
                answer(to: head.method, context: context) { [answers] in
                    await answers.answer(method: head.method, target: head.uri)
                }
            }
        case .body(let bytes):
            guard let call else { return }
            guard call.body.count + bytes.readableBytes <= WebhookCall.largestBody else {
                self.call = nil
                return write(Self.tooLarge, withBody: true, context: context)
            }
            self.call?.body += bytes.readableBytesView
        case .end:
            guard let call else { return }
            self.call = nil
            answer(to: .POST, context: context) { [answers] in
                await answers.answer(WebhookCall(source: call.source, headers: call.headers, body: call.body))
            }
        }
    }

    private static let tooLarge = BootstrapAnswer(
        status: .payloadTooLarge, text: "a call has at most \(WebhookCall.largestBody) bytes\n")

    /// Takes the body of a webhook's call, for which there must be room.
    private func expectCall(_ source: String, _ head: HTTPRequestHead, context: ChannelHandlerContext) {
        if let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }),
            length > WebhookCall.largestBody
        {
            return write(Self.tooLarge, withBody: true, context: context)
        }
        do throws(APIStatus) {
            try answers.account.reserve(WebhookCall.largestBody)
        } catch {
            return write(
                BootstrapAnswer(status: .serviceUnavailable, text: "\(error.message)\n"), withBody: true,
                context: context)
        }
        call = (source, head.headers, [])
    }

    private func answer(
        to method: HTTPMethod, context: ChannelHandlerContext, by work: @escaping @Sendable () async -> BootstrapAnswer
    ) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let isBegun = begin { [closed, eventLoop = context.eventLoop] in
            let answer = await closed.race { await work() }
            eventLoop.execute { bound.value.handler.finish(answer, to: method, context: bound.value.context) }
        }
        if !isBegun { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed.stop()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !hasRequest else { return context.close(promise: nil) }
        hasRequest = true
        write(BootstrapAnswer(status: .badRequest, text: "not HTTP\n"), withBody: true, context: context)
    }

    /// - Parameter answer: Nil if the connection was closed first, or the server ends.
    private func finish(_ answer: BootstrapAnswer?, to method: HTTPMethod, context: ChannelHandlerContext) {
        guard let answer else { return context.close(promise: nil) }
        write(answer, withBody: method != .HEAD, context: context)
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
