import Host
public import Logging
public import NIOCore
import NIOPosix
import NIOSSL
public import Primitives
import Synchronization

/// The node's one port: TLS, proof of the other side's key, admission, and the protocol that was asked for.
///
/// A connection is judged after the handshake, by the key in the certificate, because a resumed session never reaches
/// the verification callback. On the mesh's own protocols the listener answers with a preamble; on others the
/// protocol's handler gets the admission and answers by itself. Plain text, silence, garbage and floods are closed by
/// deadline or limit, counted, and cost the others nothing.
public final class MeshServer: Sendable {
    let identity: Identity
    let router: Router
    let limits: ListenerLimits
    let ledger: ConnectionLedger
    let logger: Logger
    let refusals: RefusalLog
    let authorize: @Sendable (PublicKey, ALPN) -> Admission

    private let group: any EventLoopGroup
    private let context: Mutex<NIOSSLContext>
    private let listener = Mutex<(any Channel)?>(nil)
    private let tasks: AsyncStream<ConnectionTask>
    private let taskInput: AsyncStream<ConnectionTask>.Continuation

    /// A listener whose connections nothing else counts: see ``init(identity:group:router:ledger:logger:authorize:)``.
    ///
    /// - Throws: ``MeshError/configuration(_:)``.
    public convenience init(
        identity: Identity, group: any EventLoopGroup, router: Router, limits: ListenerLimits, logger: Logger,
        authorize: @escaping @Sendable (PublicKey, ALPN) -> Admission
    ) throws(MeshError) {
        try self.init(
            identity: identity, group: group, router: router, ledger: ConnectionLedger(limits: limits), logger: logger,
            authorize: authorize)
    }

    /// - Parameters:
    ///   - group: The loops of accepted connections. Two or more, so that one busy stream does not hold up the rest.
    ///   - ledger: Counts this listener's connections and no other's.
    ///   - authorize: Judges a key for a protocol. It is called on an event loop, so it must answer from memory.
    /// - Throws: ``MeshError/configuration(_:)``.
    public init(
        identity: Identity, group: any EventLoopGroup, router: Router, ledger: ConnectionLedger, logger: Logger,
        authorize: @escaping @Sendable (PublicKey, ALPN) -> Admission
    ) throws(MeshError) {
        self.identity = identity
        self.group = group
        self.router = router
        self.ledger = ledger
        limits = ledger.limits
        self.logger = logger
        self.authorize = authorize
        refusals = RefusalLog(
            logger: logger, periodMilliseconds: limits.refusalLogMilliseconds, loop: group.any())
        context = Mutex(try TLSSettings.context(identity: identity, protocols: router.protocols, server: true))
        // Not more elements than connections can be open.
        (tasks, taskInput) = AsyncStream.makeStream(of: ConnectionTask.self, bufferingPolicy: .unbounded)
    }

    /// Starts to listen and answers the port, which is the given one unless that is 0.
    ///
    /// - Throws: ``MeshError/bind(address:problem:)``.
    public func bind(host: String, port: Int) async throws(MeshError) -> Int {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.closeOnExec()
                    try channel.pipeline.syncOperations.addHandler(self.acceptGate())
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .tcpOption(.userTimeout), value: Int(clamping: limits.unacknowledgedMilliseconds)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            listener.withLock { $0 = channel }
            return channel.localAddress?.port ?? port
        } catch {
            throw .bind(
                address: HostPort(host: host, port: port).description, problem: SystemProblem.text(of: error))
        }
    }

    /// Runs the tasks of accepted connections until ``shutdown(graceMilliseconds:)`` or cancellation, and returns when
    /// the last of them has ended. Connections whose protocol needs a task make no progress unless this runs.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await task in tasks {
                group.addTask { await task() }
            }
            // Cancelled: the tasks see it, and end.
        }
    }

    /// Judges every open connection again, after the admitted set has changed, and closes those that no longer are.
    ///
    /// Session tickets issued so far lose their meaning.
    public func recheckAdmissions() {
        do {
            let fresh = try TLSSettings.context(identity: identity, protocols: router.protocols, server: true)
            context.withLock { $0 = fresh }
        } catch {
            // The old context stays: a resumed session is judged after its handshake like any other.
            logger.warning("can't renew the TLS context", metadata: ["error": "\(error)"])
        }
        for entry in ledger.open where entry.admission.isAdmitted && !authorize(entry.peer, entry.alpn).isAdmitted {
            logger.info(
                "closed a connection that is no longer admitted",
                metadata: ["peer": "\(entry.peer.short)", "protocol": "\(entry.alpn)"])
            entry.channel.close(promise: nil)
        }
    }

    public var counters: ListenerCounters { ledger.counters }

    /// Takes no new connections; those that are open go on.
    public func stopListening() async {
        let channel = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        // A listener that is closed already is what is wanted.
        try? await channel?.close().get()
    }

    /// Stops listening, waits up to the grace time for open connections to end by themselves, and closes the rest.
    public func shutdown(graceMilliseconds: Int64) async {
        await stopListening()
        // However it ends, what is open then is closed.
        _ = await TimedWait.answer(milliseconds: graceMilliseconds, begin: ledger.tellWhenNoneIsOpen)
        taskInput.finish()
        refusals.flush()
        await withDiscardingTaskGroup { group in
            for channel in ledger.all {
                // However a close ends, the channel is closed then.
                group.addTask { try? await channel.close().get() }
            }
        }
    }

    func enqueue(_ task: @escaping ConnectionTask) {
        taskInput.yield(task)
    }

    /// Counts a refusal, and tells the log of it with others.
    func note(_ refusal: Refusal, peer: PublicKey?, address: SocketAddress?, detail: String) {
        ledger.refuse(refusal)
        refusals.note(refusal, peer: peer, address: address, detail: detail)
    }

    private func acceptGate() -> AcceptGate {
        AcceptGate(
            most: limits.descriptors, restMilliseconds: limits.restMilliseconds,
            longestRestMilliseconds: limits.longestRestMilliseconds
        ) { problem in
            self.note(.notAccepted, peer: nil, address: nil, detail: problem)
        }
    }

    private func prepare(_ channel: any Channel) throws {
        try channel.closeOnExec()
        let (number, pushedOut) = ledger.begin(channel, address: AddressGroup(channel.remoteAddress))
        if let pushedOut {
            note(.handshakePushedOut, peer: nil, address: channel.remoteAddress, detail: "for a newer one")
            pushedOut.close(promise: nil)
        }
        channel.closeFuture.whenComplete { [ledger] _ in ledger.end(number) }
        let tls = NIOSSLServerHandler(context: context.withLock { $0 }) { chain, promise in
            // Only the kind of key is judged here; whose it is comes after the handshake.
            let isKey = chain.first.flatMap { TLSSettings.key(in: $0) } != nil
            promise.succeed(isKey ? .certificateVerified : .failed)
        }
        try channel.pipeline.syncOperations.addHandlers([
            tls, WholeCloseHandler(), ListenerHandshakeHandler(number: number, server: self),
        ])
    }
}
