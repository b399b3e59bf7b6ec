import Logging
import NIOCore
import NIOSSL
import NIOTLS
import Primitives

/// Stands behind the TLS handler of an accepted connection until it is clear whose it is and which protocol it speaks.
final class ListenerHandshakeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case handshaking(deadline: Scheduled<Void>?)
        /// The protocol's handlers are being put in place.
        case settingUp(HeldReads)
        /// The reason is on its way; what the other side says is of no interest.
        case refused
        case done
    }

    private let number: UInt64
    private let server: MeshServer
    private var phase = Phase.handshaking(deadline: nil)

    init(number: UInt64, server: MeshServer) {
        self.number = number
        self.server = server
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: .milliseconds(server.limits.handshakeMilliseconds)
        ) { [context] in
            guard case .handshaking = self.phase else { return }
            self.refuse(.handshakeTimedOut, context: context, detail: "silent or slow")
        }
        phase = .handshaking(deadline: deadline)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (event, phase) {
        case (TLSUserEvent.handshakeCompleted(let negotiated), .handshaking(let deadline)):
            deadline?.cancel()
            complete(context: context, negotiated: negotiated)
        case (ChannelEvent.inputClosed, .settingUp(var held)):
            held.noteInputClosed()
            phase = .settingUp(held)
        case (ChannelEvent.inputClosed, .handshaking), (ChannelEvent.inputClosed, .refused):
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .settingUp(var held):
            held.append(unwrapInboundIn(data))
            phase = .settingUp(held)
        case .handshaking, .refused: break
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
        case .handshaking(let deadline):
            deadline?.cancel()
            refuse(.handshakeFailed, context: context, detail: SystemProblem.text(of: error))
        case .settingUp, .refused: context.close(promise: nil)
        case .done: context.fireErrorCaught(error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .handshaking(let deadline) = phase {
            deadline?.cancel()
            phase = .done
            if server.ledger.isHandshaking(number) {
                note(.handshakeFailed, context: context, peer: nil, detail: "closed by the other side")
            }
        }
        context.fireChannelInactive()
    }

    private func complete(context: ChannelHandlerContext, negotiated: String?) {
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        guard let peer = certificate.flatMap({ TLSSettings.key(in: $0) }) else {
            return refuse(.handshakeFailed, context: context, detail: "no Ed25519 key")
        }
        guard let negotiated, case let alpn = ALPN(rawValue: negotiated), let handler = server.router.handler(for: alpn)
        else {
            return refuse(.protocolNotSpoken, context: context, peer: peer, detail: "no protocol agreed on")
        }
        let admission = server.authorize(peer, alpn)
        if alpn.hasPreamble, case .refused(let reason) = admission {
            let preamble = Preamble(status: .notAdmitted, reason: reason)
            return refuse(.notAdmitted, context: context, peer: peer, detail: reason, words: preamble.bytes)
        }
        let entry = ConnectionLedger.Entry(
            channel: context.channel, peer: peer, alpn: alpn, admission: admission,
            address: AddressGroup(context.remoteAddress))
        switch server.ledger.establish(number, entry) {
        case .refused(let limit):
            let words =
                alpn.hasPreamble
                ? Preamble(status: .busy, reason: limit.sentence).bytes : handler.noRoom(limit.sentence)
            return refuse(limit, context: context, peer: peer, detail: limit.sentence, words: words)
        case .open(let other?):
            note(.gaveWay, context: context, peer: peer, detail: "idle")
            other.close(promise: nil)
        case .open(nil): break
        }
        if case .refused(let reason) = admission {
            note(.notAdmitted, context: context, peer: peer, detail: reason)
            limitLife(context: context, peer: peer)
        }
        setUp(
            handler, context: context,
            connection: AcceptedConnection(
                channel: context.channel, peer: peer, alpn: alpn, admission: admission,
                place: ConnectionPlace(ledger: server.ledger, number: number),
                remoteAddress: context.remoteAddress.map { "\($0)" } ?? "unknown"))
    }

    /// Gives a connection of a key that is not admitted a short time, and more if it shows a valid ticket in that.
    private func limitLife(context: ChannelHandlerContext, peer: PublicKey) {
        let (server, number, channel) = (server, number, context.channel)
        let limits = server.limits
        let address = context.remoteAddress
        channel.eventLoop.scheduleTask(in: .milliseconds(limits.strangerMilliseconds)) {
            guard server.ledger.isStranger(number) else { return }
            server.note(.strangerTimedOut, peer: peer, address: address, detail: "no valid ticket")
            channel.close(promise: nil)
        }.closed(with: channel)
        channel.eventLoop.scheduleTask(in: .milliseconds(limits.joiningMilliseconds)) {
            channel.close(promise: nil)
        }.closed(with: channel)
    }

    private func setUp(_ handler: any ProtocolHandler, context: ChannelHandlerContext, connection: AcceptedConnection) {
        phase = .settingUp(HeldReads())
        if connection.alpn.hasPreamble {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Preamble.welcome.bytes)), promise: nil)
        }
        let channel = connection.channel
        handler.accept(connection).hop(to: context.eventLoop).assumeIsolated().whenComplete { [context] result in
            guard case .settingUp(var held) = self.phase else { return }
            self.phase = .done
            switch result {
            case .success(let task):
                if let task {
                    self.server.enqueue {
                        await task()
                        channel.close(promise: nil)
                    }
                }
                held.release(into: context)
                context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            case .failure(let error):
                self.note(
                    .setupFailed, context: context, peer: connection.peer, detail: SystemProblem.text(of: error))
                context.close(promise: nil)
            }
        }
    }

    /// Closes the connection; with a reason only after that had a chance to arrive.
    ///
    /// A socket closed while unread bytes lie in it is reset, and a reset overtakes what was sent before it. So only
    /// our direction is closed, and what still comes is thrown away for a moment.
    private func refuse(
        _ refusal: Refusal, context: ChannelHandlerContext, peer: PublicKey? = nil, detail: String,
        words: [UInt8]? = nil
    ) {
        phase = .refused
        note(refusal, context: context, peer: peer, detail: detail)
        guard let words else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: words)), promise: nil)
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(server.limits.lingerMilliseconds)) {
            [context] in context.close(promise: nil)
        }
    }

    private func note(_ refusal: Refusal, context: ChannelHandlerContext, peer: PublicKey?, detail: String) {
        server.note(refusal, peer: peer, address: context.remoteAddress, detail: detail)
    }
}

extension Scheduled where T == Void {
    /// Forgets the task when the channel is closed before its time.
    fileprivate func closed(with channel: any Channel) {
        channel.closeFuture.whenComplete { _ in self.cancel() }
    }
}
