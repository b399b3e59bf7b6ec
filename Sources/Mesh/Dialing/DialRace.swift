import NIOCore
import NIOPosix
import NIOSSL
import Primitives

/// One dial: its addresses one after the other and side by side, until one wins or all have failed.
///
/// Everything happens on one event loop.
final class DialRace<Value: Sendable> {
    private typealias Success = DialerHandshakeHandler<Value>.Success

    private let target: DialTarget
    private let addresses: [String]
    private let alpn: ALPN
    private let timeoutMilliseconds: Int64
    private let deadline: NIODeadline
    private let loop: any EventLoop
    private let context: NIOSSLContext
    private let outgoing: OutgoingConnections?
    private let configure: @Sendable (any Channel) -> EventLoopFuture<Value>
    private let promise: EventLoopPromise<DialedConnection<Value>>

    /// The position of the address that is tried next.
    private var next = 0
    /// The addresses that are being tried, with their channels as soon as there are any.
    private var running: [Int: (any Channel)?] = [:]
    /// By the address's position.
    private var failures: [Int: DialFailure.Reason] = [:]
    /// Whether the promise was completed; then nothing more is tried, and what still opens is closed.
    private var isDecided = false
    private var timeout: Scheduled<Void>?

    init(
        target: DialTarget, alpn: ALPN, timeoutMilliseconds: Int64, loop: any EventLoop, context: NIOSSLContext,
        outgoing: OutgoingConnections?,
        configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>,
        promise: EventLoopPromise<DialedConnection<Value>>
    ) {
        self.target = target
        addresses = target.addresses
        self.alpn = alpn
        self.timeoutMilliseconds = timeoutMilliseconds
        deadline = .now() + .milliseconds(timeoutMilliseconds)
        self.loop = loop
        self.context = context
        self.outgoing = outgoing
        self.configure = configure
        self.promise = promise
    }

    func start() {
        guard !isDecided else { return }
        timeout = loop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.giveUp(.timedOut(afterMilliseconds: self.timeoutMilliseconds))
        }
        tryNext()
    }

    func cancel() {
        giveUp(.cancelled)
    }

    private func tryNext() {
        guard !isDecided else { return }
        guard next < addresses.count else {
            if running.isEmpty { decide(.failure(summary)) }
            return
        }
        let number = next
        next += 1
        running[number] = .some(nil)
        loop.assumeIsolated().scheduleTask(in: .milliseconds(Dialer.staggerMilliseconds)) {
            // Only the newest runner lets the next one go, so that they stay a stagger apart.
            if self.next == number + 1, self.running[number] != nil { self.tryNext() }
        }
        attempt(number)
    }

    private func attempt(_ number: Int) {
        let address: HostPort
        do {
            address = try HostPort(addresses[number])
        } catch {
            return failed(number, .badAddress("\(error)"))
        }
        // A name may lead to several hosts, of which the library below tries each with a channel of its own.
        let handshakes = NIOLoopBoundBox([ObjectIdentifier: EventLoopFuture<Success>](), eventLoop: loop)
        let bootstrap = bootstrap { handshakes.value[$0] = $1 }
        let connect: EventLoopFuture<any Channel>
        if let literal = try? SocketAddress(ipAddress: address.host, port: address.port) {
            connect = bootstrap.connect(to: literal)
        } else {
            // Not an address in digits: a name to look up.
            connect = bootstrap.connect(host: address.host, port: address.port)
        }
        connect.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                self.connected(number, channel, handshake: handshakes.value[ObjectIdentifier(channel)])
            case .failure(let error): self.failed(number, DialFailure.Reason.of(connectError: error))
            }
        }
    }

    private func bootstrap(
        onHandshake: @escaping (ObjectIdentifier, EventLoopFuture<Success>) -> Void
    ) -> ClientBootstrap {
        let (target, alpn, context, outgoing, configure) = (target, alpn, context, outgoing, configure)
        let note = NIOLoopBound(onHandshake, eventLoop: loop)
        return ClientBootstrap(group: loop)
            .connectTimeout(max(.milliseconds(1), deadline - .now()))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.userTimeout), value: Dialer.unacknowledgedMilliseconds)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let outgoing {
                        try outgoing.take(alpn)
                        channel.closeFuture.whenComplete { _ in outgoing.giveBack() }
                    }
                    try channel.closeOnExec()
                    let proof = ShownKey()
                    let tls = try NIOSSLClientHandler(
                        context: context, serverHostname: nil,
                        customVerificationCallback: { chain, verdict in
                            proof.key = chain.first.flatMap { TLSSettings.key(in: $0) }
                            let isRight = proof.key != nil && (target.key == nil || target.key == proof.key)
                            verdict.succeed(isRight ? .certificateVerified : .failed)
                        })
                    let handshake = channel.eventLoop.makePromise(of: Success.self)
                    let handler = DialerHandshakeHandler(
                        expected: target.key, alpn: alpn, proof: proof, configure: configure, promise: handshake)
                    try channel.pipeline.syncOperations.addHandlers([tls, WholeCloseHandler(), handler])
                    note.value(ObjectIdentifier(channel), handshake.futureResult)
                }
            }
    }

    private func connected(_ number: Int, _ channel: any Channel, handshake: EventLoopFuture<Success>?) {
        guard !isDecided, let handshake else { return channel.close(promise: nil) }
        running[number] = .some(channel)
        handshake.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let success): self.won(number, success)
            case .failure(let error): self.failed(number, error as? DialFailure.Reason ?? .violation("\(error)"))
            }
        }
    }

    private func won(_ number: Int, _ success: Success) {
        guard !isDecided else { return success.channel.close(promise: nil) }
        running[number] = nil
        decide(
            .success(
                DialedConnection(
                    channel: success.channel, peer: success.peer, address: addresses[number], value: success.value)))
    }

    private func failed(_ number: Int, _ reason: DialFailure.Reason) {
        guard !isDecided, let runner = running.removeValue(forKey: number) else { return }
        runner?.close(promise: nil)
        failures[number] = reason
        if reason.isFinal { return decide(.failure(summary)) }
        tryNext()
    }

    private func giveUp(_ reason: DialFailure.Reason) {
        guard !isDecided else { return }
        for number in running.keys { failures[number] = reason }
        // Cancelled before anything began.
        if failures.isEmpty, !addresses.isEmpty { failures[0] = reason }
        decide(.failure(summary))
    }

    private func decide(_ result: Result<DialedConnection<Value>, MeshError>) {
        isDecided = true
        timeout?.cancel()
        for runner in running.values { runner?.close(promise: nil) }
        running = [:]
        switch result {
        case .success(let connection): promise.succeed(connection)
        case .failure(let error): promise.fail(error)
        }
    }

    private var summary: MeshError {
        .dial(
            key: target.key, alpn: alpn,
            failures: failures.sorted { $0.key < $1.key }.map {
                DialFailure(address: addresses[$0.key], reason: $0.value)
            })
    }
}

extension DialFailure.Reason: Error {
    fileprivate static func of(connectError error: any Error) -> DialFailure.Reason {
        if case ChannelError.connectTimeout(let amount) = error {
            return .timedOut(afterMilliseconds: amount.nanoseconds / 1_000_000)
        }
        return .unreachable(SystemProblem.text(of: error))
    }
}
