import NIOCore
import Primitives

/// One connection with a peer, from the hello to its end.
///
/// Writes only while the channel takes it, so that what is urgent waits behind at most one frame of what is not, and a
/// peer that does not read holds up no more than that. Lives on the channel's event loop.
final class PeerLink: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// Says that the queue is no longer empty.
    struct Wake: Sendable {}
    /// Says that another connection has taken over.
    struct Retire: Sendable {}

    /// Small messages are gathered into one write up to this many bytes.
    private static let gatherBytes = 64 << 10

    private let network: PeerNetwork
    private let peerKey: PublicKey
    private let isDialedByUs: Bool
    /// Nil before the hello of an accepted connection, and after the end.
    private var peer: Peer?
    /// The number under which the peer has adopted this connection.
    private var number: UInt64?
    private var sawHello = false
    /// What has arrived of a frame that is not complete.
    private var received = ByteBuffer()
    private var assembler: MessageAssembler
    private var lastRead = NIODeadline.now()
    /// Since when the channel takes nothing; nil while it does.
    private var unwritableSince: NIODeadline?
    /// When this side ended its direction because another connection is in use; nothing is written afterwards.
    private var retiredAt: NIODeadline?
    /// The token of the newest ping that is not answered.
    private var pendingPong: UInt64?
    /// The token of our ping that is not answered: the time, in nanoseconds, when it was sent first.
    private var lastPing: UInt64?
    private var timer: Scheduled<Void>?

    /// - Parameter dialer: The peer that we dialed; nil for a connection that was accepted.
    init(network: PeerNetwork, peerKey: PublicKey, dialer: Peer?) {
        self.network = network
        self.peerKey = peerKey
        peer = dialer
        isDialedByUs = dialer != nil
        assembler = MessageAssembler(limit: network.settings.messageBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        lastRead = .now()
        write(.hello(version: PeerFrame.version, instance: network.instance), context: context)
        scheduleTick(context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        peer?.ended(number: number, isDialedByUs: isDialedByUs)
        peer = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Without the other direction there is no sign of life: half a connection is none.
        if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event {
        case is Wake: pump(context: context)
        case is Retire: retire(context: context)
        default: return context.triggerUserOutboundEvent(event, promise: promise)
        }
        promise?.succeed()
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        lastRead = .now()
        if received.readableBytes == 0 {
            received = incoming
        } else {
            received.writeBuffer(&incoming)
        }
        do {
            while let frame = try PeerFrame.take(from: &received) {
                guard try handle(frame, context: context) else { return }
            }
            // A buffer that was read and is still held makes the channel allocate a new one for the next read.
            if received.readableBytes == 0 { received = ByteBuffer() } else { received.discardReadBytes() }
        } catch {
            received = ByteBuffer()
            network.noteViolation(by: peerKey, problem: "\(error)")
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        peer?.heard()
        context.fireChannelReadComplete()
    }

    /// Answers whether to go on.
    private func handle(_ frame: PeerFrame, context: ChannelHandlerContext) throws(DecodingFailure) -> Bool {
        if case .hello(let version, let instance) = frame {
            return try greet(version: version, instance: instance, context: context)
        }
        guard sawHello else { throw DecodingFailure(.invalid("a frame before the hello"), offset: 0) }
        switch frame {
        case .hello: break
        case .ping(let token):
            // Only the newest is answered: pings that come faster than pongs leave pile up nowhere.
            pendingPong = token
            flushPong(context: context)
        case .pong(let token):
            guard let number, token == lastPing else { break }
            lastPing = nil
            let elapsed = NIODeadline.now().uptimeNanoseconds &- token
            peer?.measured(roundTripNanoseconds: Int64(clamping: elapsed), number: number)
        case .whole(let body): network.deliver(peerKey, Array(body.readableBytesView))
        case .begin(let total, let part):
            if let message = try assembler.begin(total: total, part) { network.deliver(peerKey, message) }
        case .more(let part):
            if let message = try assembler.more(part) { network.deliver(peerKey, message) }
        }
        return true
    }

    private func greet(
        version: UInt8, instance: UInt64, context: ChannelHandlerContext
    ) throws(DecodingFailure) -> Bool {
        guard !sawHello else { throw DecodingFailure(.invalid("a second hello"), offset: 0) }
        guard version == PeerFrame.version else {
            throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0)
        }
        sawHello = true
        let facts = LinkChoice.Facts(isDialedByUs: isDialedByUs, instance: instance)
        if peer == nil { peer = network.peer(welcoming: peerKey) }
        guard let peer else {
            context.close(promise: nil)
            return false
        }
        let remoteAddress = context.remoteAddress.flatMap { address in
            address.ipAddress.map { HostPort(host: $0, port: address.port ?? 0).description }
        }
        number = peer.adopt(context.channel, facts: facts, remoteAddress: remoteAddress)
        if number == nil {
            retire(context: context)
        } else {
            sendPing(context: context)
            pump(context: context)
        }
        return true
    }

    /// Ends our direction and reads on: what the other side has sent before it knew still counts.
    private func retire(context: ChannelHandlerContext) {
        guard retiredAt == nil else { return }
        retiredAt = .now()
        context.close(mode: .output, promise: nil)
    }

    // MARK: Writing

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            unwritableSince = nil
            flushPong(context: context)
            pump(context: context)
        } else if unwritableSince == nil {
            unwritableSince = .now()
        }
        context.fireChannelWritabilityChanged()
    }

    private func pump(context: ChannelHandlerContext) {
        guard let peer, let number, retiredAt == nil else { return }
        while context.channel.isWritable {
            var buffer = context.channel.allocator.buffer(capacity: 1024)
            while buffer.readableBytes < Self.gatherBytes, let piece = peer.nextPiece(for: number) {
                PeerFrame.write(piece, into: &buffer)
            }
            guard buffer.readableBytes > 0 else { return }
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
    }

    private func flushPong(context: ChannelHandlerContext) {
        guard let token = pendingPong, retiredAt == nil, context.channel.isWritable else { return }
        pendingPong = nil
        write(.pong(token), context: context)
    }

    private func sendPing(context: ChannelHandlerContext) {
        // One that is still unanswered is asked again, or a round trip longer than the period would never be measured.
        let token = lastPing ?? NIODeadline.now().uptimeNanoseconds
        lastPing = token
        write(.ping(token), context: context)
    }

    private func write(_ frame: PeerFrame, context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 32)
        frame.write(into: &buffer)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func scheduleTick(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(
            in: .milliseconds(network.settings.pingMilliseconds)
        ) { [context] in self.tick(context: context) }
    }

    private func tick(context: ChannelHandlerContext) {
        let limit = TimeAmount.milliseconds(network.settings.idleMilliseconds)
        let now = NIODeadline.now()
        peer?.dropExpired()
        let oldest = min(lastRead, unwritableSince ?? now, retiredAt ?? now)
        if now - oldest > limit { return context.close(promise: nil) }
        if sawHello, retiredAt == nil, context.channel.isWritable { sendPing(context: context) }
        scheduleTick(context: context)
    }
}
