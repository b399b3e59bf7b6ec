import NIOCore
import NIOSSL
import NIOTLS
import Primitives

/// The key that a listener showed, kept beside the verification callback: TLS itself only reports that it said no.
///
/// Used on one event loop alone.
final class ShownKey {
    var key: PublicKey?
}

/// Stands behind the TLS handler of a dialed connection until the listener has proved its key and said welcome.
final class DialerHandshakeHandler<Value: Sendable>: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Success: Sendable {
        let channel: any Channel
        let peer: PublicKey
        let value: Value
    }

    private enum Phase {
        case handshaking
        case awaitingPreamble(PublicKey, ByteBuffer)
        case settingUp(HeldReads)
        case done
    }

    private let expected: PublicKey?
    private let alpn: ALPN
    private let proof: ShownKey
    private let configure: @Sendable (any Channel) -> EventLoopFuture<Value>
    private let promise: EventLoopPromise<Success>
    private var phase = Phase.handshaking

    init(
        expected: PublicKey?, alpn: ALPN, proof: ShownKey,
        configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>, promise: EventLoopPromise<Success>
    ) {
        self.expected = expected
        self.alpn = alpn
        self.proof = proof
        self.configure = configure
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (event, phase) {
        case (TLSUserEvent.handshakeCompleted(let negotiated), .handshaking):
            complete(context: context, negotiated: negotiated)
        case (ChannelEvent.inputClosed, .settingUp(var held)):
            held.noteInputClosed()
            phase = .settingUp(held)
        case (ChannelEvent.inputClosed, .handshaking), (ChannelEvent.inputClosed, .awaitingPreamble):
            fail(.closed, context: context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .handshaking: break
        case .awaitingPreamble(let peer, var received):
            received.writeImmutableBuffer(unwrapInboundIn(data))
            judge(&received, from: peer, context: context)
        case .settingUp(var held):
            held.append(unwrapInboundIn(data))
            phase = .settingUp(held)
        case .done: context.fireChannelRead(data)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard case .settingUp(var held) = phase else { return context.fireChannelReadComplete() }
        held.noteReadComplete()
        phase = .settingUp(held)
    }

    func read(context: ChannelHandlerContext) {
        guard case .settingUp(var held) = phase else { return context.read() }
        held.noteRead()
        phase = .settingUp(held)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch phase {
        case .handshaking:
            if let expected, let shown = proof.key, shown != expected {
                fail(.wrongKey(expected: expected, shown: shown), context: context)
            } else {
                fail(.handshake(SystemProblem.text(of: error)), context: context)
            }
        case .awaitingPreamble:
            // A listener that dislikes our certificate says so only now, by a TLS alert.
            fail(.handshake(SystemProblem.text(of: error)), context: context)
        case .settingUp: fail(.closed, context: context)
        case .done: context.fireErrorCaught(error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed, context: context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // Also when the connection never came about; a promise that is kept already is left as it is.
        if case .done = phase { return }
        phase = .done
        promise.fail(DialFailure.Reason.closed)
    }

    private func complete(context: ChannelHandlerContext, negotiated: String?) {
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        guard let peer = certificate.flatMap({ TLSSettings.key(in: $0) }) else {
            return fail(.handshake("the listener shows no Ed25519 key"), context: context)
        }
        // Checked again, so that nothing hangs on the callback having been called.
        if let expected, peer != expected {
            return fail(.wrongKey(expected: expected, shown: peer), context: context)
        }
        guard negotiated == alpn.rawValue else { return fail(.protocolNotSpoken(alpn), context: context) }
        if alpn.hasPreamble {
            phase = .awaitingPreamble(peer, ByteBuffer())
        } else {
            setUp(peer, leftOver: ByteBuffer(), context: context)
        }
    }

    private func judge(_ received: inout ByteBuffer, from peer: PublicKey, context: ChannelHandlerContext) {
        let preamble: Preamble?
        do {
            preamble = try Preamble.take(from: &received)
        } catch {
            return fail(.violation("its preamble: \(error)"), context: context)
        }
        switch preamble?.status {
        case nil: phase = .awaitingPreamble(peer, received)
        case .welcome: setUp(peer, leftOver: received, context: context)
        case .notAdmitted: fail(.notAdmitted(reason: preamble?.reason ?? ""), context: context)
        case .busy: fail(.busy(reason: preamble?.reason ?? ""), context: context)
        }
    }

    private func setUp(_ peer: PublicKey, leftOver: ByteBuffer, context: ChannelHandlerContext) {
        var held = HeldReads()
        held.append(leftOver)
        phase = .settingUp(held)
        let channel = context.channel
        configure(channel).hop(to: context.eventLoop).assumeIsolated().whenComplete { [context] result in
            guard case .settingUp(var held) = self.phase else { return }
            switch result {
            case .success(let value):
                self.phase = .done
                self.promise.succeed(Success(channel: channel, peer: peer, value: value))
                held.release(into: context)
                context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            case .failure(let error):
                self.fail(.violation("setting up the connection: \(error)"), context: context)
            }
        }
    }

    private func fail(_ reason: DialFailure.Reason, context: ChannelHandlerContext) {
        if case .done = phase { return }
        phase = .done
        promise.fail(reason)
        context.close(promise: nil)
    }
}
