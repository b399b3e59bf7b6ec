import Contract
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
public import Mesh
public import NIOCore
import NIOHTTP1
public import Primitives

/// The HTTP API of a node: everything behind the mesh's `http/1.1`.
///
/// One value of the running program; connections are handed to it after their handshake, each with the key that its
/// other side has proved to own. Every request is judged by that key.
public final class HTTPService: Sendable {
    private let responder: RouterResponder<APIContext>
    private let logger: Logger
    private let limits: HTTPLimits
    private let stop: StopSignal
    private let gate = RequestGate()
    let budget: BodyBudget
    /// What is held for clients that have not read it.
    let outputBudget: OutputBudget

    public convenience init(backend: any ClusterBackend, logger: Logger) {
        self.init(backend: backend, limits: .standard, logger: logger)
    }

    package init(backend: any ClusterBackend, limits: HTTPLimits, logger: Logger) {
        let stop = StopSignal()
        responder = APIRoutes(backend: backend, specs: FullSpecCache(), stop: stop, limits: limits)
            .router().buildResponder()
        self.logger = logger
        self.limits = limits
        self.stop = stop
        budget = BodyBudget(limits)
        outputBudget = OutputBudget(
            bounds: OutputLedger.Bounds(
                bytes: limits.outputBytes, bytesOfKey: limits.outputBytesOfKey,
                patienceMilliseconds: limits.readerPatienceMilliseconds))
    }

    /// Puts HTTP's handlers into a connection's pipeline and answers the work that serves it.
    ///
    /// Called on the channel's event loop, before anything is read. The work ends when the connection is closed;
    /// cancelling it closes the connection. It never throws: what goes wrong with one connection ends that one.
    ///
    /// - Parameters:
    ///   - peer: The key that the other side has proved to own, admitted or not.
    ///   - place: Among the connections of a listener; nil where none counts them.
    public func accept(
        _ channel: any Channel, peer: PublicKey, place: ConnectionPlace?
    ) -> EventLoopFuture<@Sendable () async -> Void> {
        let logger = logger
        let limits = limits
        let http = HTTP1Channel(
            responder: { [responder, gate, budget, outputBudget] request, writer, channel in
                place?.beginRequest()
                defer { place?.endRequest() }
                guard gate.enter() else {
                    let response = Response.status(Self.ending)
                    return try await writer.write(response: response.head, body: response.body)
                }
                defer { gate.leave() }
                let context = APIContext(
                    source: PeerSource(
                        peer: peer, channel: channel, place: place, budget: budget, outputBudget: outputBudget,
                        logger: logger))
                defer {
                    budget.give(back: context.body.takenBytes, of: peer)
                    context.output.close()
                }
                var response =
                    Self.isSmall(request)
                    ? try await Self.answer(to: request, context: context, by: responder)
                    : try await withTaskExecutorPreference(globalConcurrentExecutor) {
                        try await Self.answer(to: request, context: context, by: responder)
                    }
                try await BodyReader(limits: limits).drain(request, context)
                // A body that is not read to its end would be taken for the next request.
                let isLast = BodyReader.isLeftUnread(request, context)
                if isLast { response.headers[.connection] = "close" }
                if request.method == .head {
                    try await writer.writeResponse(response.head)
                } else {
                    try await writer.write(response: response.head, body: response.body)
                }
                if isLast {
                    try await channel.triggerUserOutboundEvent(RequestProgress.restIsUnread).get()
                    try await channel.closeFuture.get()
                    throw ChannelError.alreadyClosed
                }
            },
            configuration: .init(
                additionalChannelHandlers: [
                    StalledWriteHandler(milliseconds: limits.stalledWriteMilliseconds), FlushGatherer(),
                ],
                idleTimeout: .milliseconds(limits.idleMilliseconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)))
        return http.setup(channel: channel, logger: logger).flatMapThrowing { connection in
            try RequestClock.add(to: channel, limits)
            // What a reader does not take would otherwise fill the system's buffer, which grows to megabytes.
            try channel.syncOptions?.setOption(.tcpOption(.unsentLowWater), value: limits.unsentBytes)
            let executor = EventLoopTaskExecutor(channel.eventLoop)
            return { @Sendable in
                await withTaskExecutorPreference(executor) {
                    await http.handle(value: connection, logger: logger)
                }
            }
        }
    }

    /// Ends all watches and followed logs cleanly, and lets no new ones begin; other requests go on.
    ///
    /// Afterwards their last bytes need a moment to go out: close the connections a tenth of a second later.
    public func endStreams() {
        stop.stop()
    }

    /// Begins no new requests, which are told to ask another node, and returns when all that had begun have been
    /// answered: true then, or false if the time is over before.
    ///
    /// Streams have no end of their own: ``endStreams()`` goes first.
    public func drain(milliseconds: Int64) async -> Bool {
        await gate.drain(milliseconds: milliseconds)
    }

    private static let ending = APIStatus.unavailable("this node ends; ask another one")

    /// Whether a request takes so little time that it may run on its connection's event loop, which other connections
    /// share, those of Raft among them: one object, and a body of a few pages.
    private static func isSmall(_ request: Request) -> Bool {
        switch request.method {
        case .put, .patch, .delete, .post:
            guard let length = request.headers[.contentLength].flatMap({ Int($0) }) else { return false }
            return length <= 16 << 10 && request.uri.path.hasPrefix(Self.objectsPrefix)
        default: return false
        }
    }

    private static let objectsPrefix = ResourcePath.root + "/"

    private static func answer(
        to request: Request, context: APIContext, by responder: RouterResponder<APIContext>
    ) async throws -> Response {
        if let problem = APIStatus.problem(ofPath: request.uri.string) { return .status(problem) }
        do {
            return try await responder.respond(to: request, context: context)
        } catch let error as HTTPParserError {
            // A body that breaks HTTP: the connection answers that with a bare 400 and closes.
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.logger.warning(
                "a request failed",
                metadata: [
                    "method": "\(request.method.rawValue)", "path": "\(request.uri.path)", "error": "\(error)",
                ])
            return .status(APIStatus(.internalError, "the request failed inside of the server"))
        }
    }
}
