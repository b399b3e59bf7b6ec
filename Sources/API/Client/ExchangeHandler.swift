import NIOCore
import NIOHTTP1

/// Hands the parts of answers to the caller that waits for them, and asks the socket for more only then.
///
/// Lives on its channel's event loop. A part that comes while no request is out makes the connection unusable.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let loop: any EventLoop
    /// Parts that came before they were asked for; empty while a caller waits.
    private var arrived: [HTTPClientResponsePart] = []
    private var waiter: EventLoopPromise<HTTPClientResponsePart>?
    /// Of the wait.
    private var deadline: Scheduled<Void>?
    /// Why the connection is of no more use; the first reason stays.
    private var failure: ExchangeFailure?
    private var context: ChannelHandlerContext?
    /// A request was sent and its answer is not read to its end.
    private var isBusy = false
    /// The other side said that it closes after this answer.
    private var closesAfterAnswer = false

    init(loop: any EventLoop) {
        self.loop = loop
    }

    var isReusable: Bool { failure == nil && !isBusy && arrived.isEmpty && !closesAfterAnswer }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(.closed)
        self.context = nil
    }

    func begin() {
        isBusy = true
    }

    func next(deadline: NIODeadline) -> EventLoopFuture<HTTPClientResponsePart> {
        precondition(waiter == nil, "two readers of one answer")
        let promise = loop.makePromise(of: HTTPClientResponsePart.self)
        if !arrived.isEmpty {
            promise.succeed(take())
        } else if let context, failure == nil {
            waiter = promise
            self.deadline = loop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
                self?.fail(.timedOut)
                context.close(promise: nil)
            }
            context.read()
        } else {
            promise.fail(failure ?? .closed)
        }
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .head(let head) = part {
            if (100..<200).contains(head.status.code) { return }
            closesAfterAnswer = !head.isKeepAlive
        }
        guard isBusy else { return fail(.violation("an answer to no request")) }
        arrived.append(part)
        if let waiter {
            self.waiter = nil
            deadline?.cancel()
            waiter.succeed(take())
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if waiter != nil { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error as? HTTPParserError {
        // An answer that ends in its middle was cut off with its connection: the node ended, or dropped this client.
        case nil, .invalidEOFState: fail(.closed)
        case let problem?: fail(.violation("no HTTP/1.1 answer: \(problem)"))
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed)
        context.fireChannelInactive()
    }

    private func take() -> HTTPClientResponsePart {
        let part = arrived.removeFirst()
        if case .end = part {
            isBusy = false
            // An open read is how an idle connection learns that the other side closed it.
            context?.read()
        }
        return part
    }

    private func fail(_ failure: ExchangeFailure) {
        if self.failure == nil { self.failure = failure }
        deadline?.cancel()
        waiter?.fail(failure)
        waiter = nil
    }
}
