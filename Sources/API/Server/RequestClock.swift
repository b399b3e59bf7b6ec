import NIOCore
import NIOHTTP1

/// What the handlers of requests tell the one of bytes, which stands before the decoder.
enum RequestProgress: Sendable {
    case headIsWhole
    case requestIsWhole
    /// The request is answered, and what is left of its body is not read.
    case restIsUnread
}

/// Closes a connection on which the head of a request has begun and does not come to its end in time, and takes off a
/// connection for a moment what is not read any more.
///
/// A socket closed while unread bytes lie in it is reset, and a reset overtakes the answer that was sent before it.
final class RequestClock: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = Any
    typealias OutboundOut = Any

    private enum Phase {
        /// For the first byte of a request.
        case waiting
        case inHead(deadline: Scheduled<Void>)
        case inRequest
        case discarding(deadline: Scheduled<Void>)
    }

    private let headTime: TimeAmount
    private let lingerTime: TimeAmount
    private var phase = Phase.waiting

    init(_ limits: HTTPLimits) {
        headTime = .milliseconds(limits.headMilliseconds)
        lingerTime = .milliseconds(limits.lingerMilliseconds)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .discarding: return
        case .waiting: phase = .inHead(deadline: closing(context, in: headTime))
        case .inHead, .inRequest: break
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard case .discarding = phase else { return context.fireChannelReadComplete() }
        context.read()
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let progress = event as? RequestProgress else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        cancelDeadline()
        switch progress {
        case .headIsWhole: phase = .inRequest
        case .requestIsWhole: phase = .waiting
        case .restIsUnread:
            phase = .discarding(deadline: closing(context, in: lingerTime))
            context.read()
        }
        promise?.succeed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .discarding = phase, case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelDeadline()
        phase = .inRequest
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancelDeadline()
    }

    private func closing(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }

    private func cancelDeadline() {
        switch phase {
        case .inHead(let deadline), .discarding(let deadline): deadline.cancel()
        case .waiting, .inRequest: break
        }
    }
}

extension RequestClock {
    /// Puts a clock before the decoder of a connection, and behind it what tells the clock how far a request has come.
    ///
    /// Called on the channel's event loop, when HTTP's handlers are in place.
    static func add(to channel: any Channel, _ limits: HTTPLimits) throws {
        let pipeline = channel.pipeline.syncOperations
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandler(RequestClock(limits), position: .before(decoder))
        try pipeline.addHandler(RequestProgressHandler(), position: .after(decoder))
    }
}

private final class RequestProgressHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: context.triggerUserOutboundEvent(RequestProgress.headIsWhole, promise: nil)
        case .body: break
        case .end: context.triggerUserOutboundEvent(RequestProgress.requestIsWhole, promise: nil)
        }
        context.fireChannelRead(data)
    }
}
