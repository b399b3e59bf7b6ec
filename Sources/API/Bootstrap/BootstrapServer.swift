public import Logging
public import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The plain HTTP port: who this node claims to be, whether it lives and is ready, and its metrics. Nothing secret.
///
/// One request for each connection, and a deadline for the whole of it, so that the silent, the slow and the many cost
/// nobody else anything.
public final class BootstrapServer: Sendable {
    private let backend: any ClusterBackend
    private let limits: BootstrapLimits
    private let group: any EventLoopGroup
    private let logger: Logger
    private let listener = Mutex<(any Channel)?>(nil)
    private let open: Atomic<Int> = Atomic(0)

    public init(backend: any ClusterBackend, group: any EventLoopGroup, logger: Logger) {
        self.backend = backend
        self.group = group
        self.logger = logger
        limits = .standard
    }

    package init(backend: any ClusterBackend, limits: BootstrapLimits, group: any EventLoopGroup, logger: Logger) {
        self.backend = backend
        self.limits = limits
        self.group = group
        self.logger = logger
    }

    /// Listens, and answers the port, which is the given one unless that is 0.
    ///
    /// - Throws: `BootstrapBindFailure` with the address and the system's word.
    public func bind(host: String, port: Int) async throws(BootstrapBindFailure) -> Int {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            listener.withLock { $0 = channel }
            return channel.localAddress?.port ?? port
        } catch {
            throw BootstrapBindFailure(address: "\(host):\(port)", problem: "\(error)")
        }
    }

    /// Stops listening. Open connections end by their deadline.
    public func shutdown() async {
        let channel = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        // A listener that is closed already is what is wanted.
        try? await channel?.close().get()
    }

    private func prepare(_ channel: any Channel) throws {
        let number = open.add(1, ordering: .relaxed).newValue
        channel.closeFuture.whenComplete { _ in self.open.subtract(1, ordering: .relaxed) }
        guard number <= limits.connections else {
            logger.debug("refused a bootstrap connection", metadata: ["open": "\(number)"])
            channel.close(promise: nil)
            return
        }
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = limits.headerBytes
        decoder.maxHeaderListSize = limits.headerBytes
        decoder.maxHeaderFieldCount = 64
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: true,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoder)
        let deadline = channel.eventLoop.scheduleTask(in: .milliseconds(limits.connectionMilliseconds)) {
            channel.close(promise: nil)
        }
        channel.closeFuture.whenComplete { _ in deadline.cancel() }
        try channel.pipeline.syncOperations.addHandler(BootstrapHandler(answers: BootstrapAnswers(backend: backend)))
    }
}

/// The port could not be had.
public struct BootstrapBindFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public let address: String
    public let problem: String

    public var description: String {
        "can't listen on \(address) for bootstrap requests: \(problem); choose another with --bootstrap-bind"
    }
}

/// What the plain port allows.
package struct BootstrapLimits: Equatable, Sendable {
    /// More than so many at once are closed unheard.
    package var connections: Int
    /// From the first byte to the last, whatever happens between them.
    package var connectionMilliseconds: Int64
    package var headerBytes: Int

    package init(connections: Int, connectionMilliseconds: Int64, headerBytes: Int) {
        self.connections = connections
        self.connectionMilliseconds = connectionMilliseconds
        self.headerBytes = headerBytes
    }

    package static let standard = BootstrapLimits(
        connections: 128, connectionMilliseconds: 5000, headerBytes: 8 << 10)
}
