public import Logging
import Mesh
public import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The plain HTTP port: who this node claims to be, whether it lives and is ready, and its metrics. Nothing secret.
///
/// One request for each connection, and a deadline for the whole of it. Where there is no room for one more, the oldest
/// that has asked for nothing gives way, so that connections which are only held keep no client from an answer.
public final class BootstrapServer: Sendable {
    private let backend: any ClusterBackend
    private let output: OutputBudget
    private let limits: BootstrapLimits
    private let group: any EventLoopGroup
    private let listener = Mutex<(any Channel)?>(nil)
    private let refusals: RefusalLog
    private let state: Mutex<State>
    private let tasks: AsyncStream<@Sendable () async -> Void>
    private let taskInput: AsyncStream<@Sendable () async -> Void>.Continuation

    private struct State {
        /// The number of the newest connection.
        var next: UInt64 = 0
        var places: SharedPlaces
        /// Of the connections that have a place.
        var channels: [UInt64: any Channel] = [:]
    }

    /// - Parameter service: What it holds for its readers is counted with what that service holds, for the node's key.
    public init(
        backend: any ClusterBackend, sharing service: HTTPService, limits: BootstrapLimits, group: any EventLoopGroup,
        logger: Logger
    ) {
        self.backend = backend
        output = service.outputBudget
        self.limits = limits
        self.group = group
        refusals = RefusalLog(
            logger: logger, periodMilliseconds: limits.refusalLogMilliseconds, loop: group.any())
        state = Mutex(
            State(places: SharedPlaces(all: limits.connections, perAddress: limits.connectionsPerAddress)))
        // One element for each connection at most, and each connection has a deadline.
        (tasks, taskInput) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Listens, and answers the port, which is the given one unless that is 0.
    ///
    /// - Throws: `BootstrapBindFailure` with the address and the system's error text.
    public func bind(host: String, port: Int) async throws(BootstrapBindFailure) -> Int {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(self.acceptGate())
                }
            }
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

    /// Works out the answers until ``shutdown()`` or cancellation, and returns when the last of them is there.
    /// Connections get no answer unless this runs.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await task in tasks {
                group.addTask { await task() }
            }
            // Also when cancelled: what is begun from now on would never run.
            taskInput.finish()
        }
    }

    /// Stops listening. What has been asked is still answered; connections that ask later are closed, and the silent
    /// ones end by their deadline.
    public func shutdown() async {
        let channel = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        // A listener that is closed already is what is wanted.
        try? await channel?.close().get()
        taskInput.finish()
    }

    /// Begins the work of an answer; false if it will never run.
    private func begin(_ task: @escaping @Sendable () async -> Void) -> Bool {
        if case .enqueued = taskInput.yield(task) { return true }
        return false
    }

    private func acceptGate() -> AcceptGate {
        let refusals = refusals
        return AcceptGate(
            most: limits.connections + BootstrapLimits.overlap, restMilliseconds: limits.restMilliseconds,
            longestRestMilliseconds: limits.longestRestMilliseconds
        ) { problem in refusals.note(.notAccepted, peer: nil, address: nil, detail: problem) }
    }

    /// Gives a connection its place, and closes the one that has to go for it.
    private func enter(_ channel: any Channel) -> UInt64 {
        let (number, other) = state.withLock { state in
            state.next += 1
            let number = state.next
            let other = state.places.enter(number, AddressGroup(channel.remoteAddress))
            state.channels[number] = channel
            return (number, other.flatMap { state.channels.removeValue(forKey: $0) })
        }
        if let other {
            refusals.note(.gaveWay, peer: nil, address: other.remoteAddress, detail: "a bootstrap connection")
            other.close(promise: nil)
        }
        return number
    }

    private func leave(_ number: UInt64) {
        state.withLock { state in
            state.places.leave(number)
            state.channels[number] = nil
        }
    }

    private func prepare(_ channel: any Channel) throws {
        let number = enter(channel)
        channel.closeFuture.whenComplete { _ in self.leave(number) }
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
        let silence = channel.eventLoop.scheduleTask(in: .milliseconds(limits.headMilliseconds)) {
            channel.close(promise: nil)
        }
        channel.closeFuture.whenComplete { _ in silence.cancel() }
        let account = OutputAccount(budget: output, peer: backend.localNode.key, channel: channel)
        channel.closeFuture.whenComplete { _ in account.close() }
        let handler = BootstrapHandler(answers: BootstrapAnswers(backend: backend, account: account)) { task in
            silence.cancel()
            self.state.withLock { $0.places.begin(number) }
            return self.begin(task)
        }
        try channel.pipeline.syncOperations.addHandler(handler)
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
