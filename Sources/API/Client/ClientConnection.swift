import NIOCore
import NIOHTTP1

/// Why an exchange on an open connection came to nothing.
enum ExchangeFailure: Error, Equatable {
    case closed
    case timedOut
    case violation(String)

    var reason: String {
        switch self {
        case .closed: "the connection was closed"
        case .timedOut: "no answer in time"
        case .violation(let what): what
        }
    }
}

/// One HTTP/1.1 connection with at most one exchange at a time. Nothing is read before the caller asks for it.
final class ClientConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<ExchangeHandler>

    /// Opens a connection through a transport.
    static func open(
        _ transport: any ClientTransport, to endpoint: Endpoint, timeoutMilliseconds: Int64
    ) async throws(ConnectFailure) -> ClientConnection {
        let channel = try await transport.connect(to: endpoint, timeoutMilliseconds: timeoutMilliseconds) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(ExchangeHandler(loop: channel.eventLoop))
                try channel.syncOptions?.setOption(.autoRead, value: false)
            }
        }
        do {
            let handler = try await channel.pipeline.handler(type: ExchangeHandler.self)
                .map { NIOLoopBound($0, eventLoop: channel.eventLoop) }.get()
            return ClientConnection(channel: channel, handler: handler)
        } catch {
            throw ConnectFailure(reason: "closed right after the handshake")
        }
    }

    private init(channel: any Channel, handler: NIOLoopBound<ExchangeHandler>) {
        self.channel = channel
        self.handler = handler
    }

    /// Sends a request; its answer is read with `nextPart`.
    func send(_ request: ClientRequest) async throws(ExchangeFailure) {
        let channel = channel
        try await attempt {
            channel.eventLoop.flatSubmit { [handler] in
                handler.value.begin()
                channel.write(HTTPClientRequestPart.head(request.head), promise: nil)
                if !request.body.isEmpty {
                    channel.write(
                        HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: request.body))), promise: nil)
                }
                // Whether the request arrived shows in the answer; a server may answer, and close, before it has
                // read all of it.
                channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        }
    }

    /// The next part of the answer.
    ///
    /// - Parameter deadline: When it is over, the connection is closed.
    func nextPart(deadline: NIODeadline) async throws(ExchangeFailure) -> HTTPClientResponsePart {
        try await attempt { [channel, handler] in
            channel.eventLoop.flatSubmit { handler.value.next(deadline: deadline) }
        }
    }

    /// Whether the last answer was read to its end and another request may follow. Asked before every reuse.
    func isReusable() async -> Bool {
        // A loop that is shut down has no reusable connection.
        (try? await channel.eventLoop.submit { [channel, handler] in channel.isActive && handler.value.isReusable }
            .get())
            ?? false
    }

    func close() {
        channel.close(promise: nil)
    }

    private func attempt<Value: Sendable>(
        _ body: @Sendable () -> EventLoopFuture<Value>
    ) async throws(ExchangeFailure) -> Value {
        let result: Result<Value, any Error> = await withTaskCancellationHandler {
            do { return .success(try await body().get()) } catch { return .failure(error) }
        } onCancel: {
            channel.close(promise: nil)
        }
        switch result {
        case .success(let value): return value
        case .failure(let failure as ExchangeFailure): throw failure
        case .failure: throw .closed
        }
    }
}
