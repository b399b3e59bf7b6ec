import Logging
import Mesh
import NIOCore
import NIOPosix
import Primitives
import Synchronization

/// What the tests of the mesh stand on: a listener on a free port, and ways to talk to it.
final class Fixture: Sendable {
    static let group = MultiThreadedEventLoopGroup.singleton

    let identity: Identity
    let server: MeshServer
    let host: String
    let port: Int
    private let running: Task<Void, Never>
    /// Keys that are let in; nil lets everyone in.
    let admitted: Mutex<Set<PublicKey>?>
    /// What an admitted key is; a user, unless it stands here.
    let standing = Mutex<[PublicKey: Admission]>([:])

    var address: String { "\(host):\(port)" }

    /// Deadlines that no test waits for, unless it sets its own.
    static let limits: ListenerLimits = {
        var limits = ListenerLimits(DescriptorShares(of: 1024))
        limits.handshakeMilliseconds = 60_000
        limits.strangerMilliseconds = 60_000
        limits.lingerMilliseconds = 200
        return limits
    }()

    /// A listener that speaks ``ALPN/http``, and ``ALPN/stream`` unless there is a server for it, by echoing, and
    /// whatever `routes` adds.
    init(
        identity: Identity = Identity(), admitted: Set<PublicKey>? = nil, limits: ListenerLimits = Fixture.limits,
        host: String = "127.0.0.1", port: Int = 0,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        streams: (any ProtocolHandler)? = nil, routes: (inout Router) -> Void = { _ in }
    ) async throws {
        self.identity = identity
        self.admitted = Mutex(admitted)
        var router = Router()
        if let streams {
            router.route(.stream, to: streams)
        } else {
            router.route(.stream) { Fixture.echo($0, greeting: "") }
        }
        router.route(.http) { connection in
            if case .refused(let reason) = connection.admission {
                return Fixture.echo(connection, greeting: "403 \(reason)")
            }
            return Fixture.echo(connection, greeting: "200")
        }
        routes(&router)
        let guests = WeakFixture()
        server = try MeshServer(
            identity: identity, group: Self.group, router: router, limits: limits, logger: logger
        ) { key, _ in guests.judge(key) }
        self.host = host
        self.port = try await server.bind(host: host, port: port)
        running = Task { [server] in await server.run() }
        guests.set(self)
    }

    func stop() async {
        await server.shutdown(graceMilliseconds: 0)
        await running.value
    }

    private static func echo(_ connection: AcceptedConnection, greeting: String) -> EventLoopFuture<ConnectionTask?> {
        connection.channel.eventLoop.makeCompletedFuture {
            try connection.channel.pipeline.syncOperations.addHandler(EchoHandler(greeting: greeting))
            return nil
        }
    }

    private final class WeakFixture: Sendable {
        private let fixture = Mutex<Fixture?>(nil)

        func set(_ value: Fixture) { fixture.withLock { $0 = value } }

        func judge(_ key: PublicKey) -> Admission {
            let fixture = fixture.withLock { $0 }
            if let standing = fixture?.standing.withLock({ $0[key] }) { return standing }
            let isIn = fixture?.admitted.withLock { $0?.contains(key) ?? true } ?? true
            return isIn ? .user : .refused(reason: "no manifest names the key \(key.short)")
        }
    }
}

/// Sends back what comes, and ends its own direction when the other side has ended.
final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let greeting: String

    init(greeting: String) {
        self.greeting = greeting
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if !greeting.isEmpty { context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: greeting)), promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "bye")), promise: nil)
            context.close(mode: .output, promise: nil)
        }
    }
}

/// Keeps what arrives, for the test to look at.
final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let state = Mutex<(bytes: [UInt8], errors: [String], isClosed: Bool)>(([], [], false))

    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var errors: [String] { state.withLock { $0.errors } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        state.withLock { $0.bytes += buffer.readableBytesView }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return }
        state.withLock { $0.isClosed = true }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.withLock { $0.isClosed = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        state.withLock { $0.errors.append("\(error)") }
        context.close(promise: nil)
    }
}

struct TimedOut: Error {
    let what: String
}

/// Looks again and again until the condition holds. The deadline only ends a test that would hang.
func eventually(_ what: String, _ condition: @Sendable () -> Bool) async throws {
    let deadline = NIODeadline.now() + .seconds(60)
    while !condition() {
        guard NIODeadline.now() < deadline else { throw TimedOut(what: what) }
        try await Task.sleep(for: .milliseconds(3))
    }
}

extension Dialer {
    /// Dials and collects what arrives.
    func collect(
        _ target: DialTarget, alpn: ALPN, timeoutMilliseconds: Int64 = 60_000
    ) async throws(MeshError) -> DialedConnection<Collector> {
        try await dial(target, alpn: alpn, timeoutMilliseconds: timeoutMilliseconds) { channel in
            channel.eventLoop.makeCompletedFuture {
                let collector = Collector()
                try channel.pipeline.syncOperations.addHandler(collector)
                return collector
            }
        }
    }
}

/// A TCP connection without any manners.
func rawConnection(port: Int) async throws -> (channel: any Channel, collector: Collector) {
    let collector = Collector()
    let channel = try await ClientBootstrap(group: Fixture.group)
        .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(collector) }
        }
        .connect(host: "127.0.0.1", port: port).get()
    return (channel, collector)
}

func expectMeshError<Value>(_ body: () async throws(MeshError) -> Value) async -> MeshError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
