import NIOCore
import NIOHTTP1

/// How one try at one endpoint ended.
enum ExchangeOutcome: Sendable {
    case answer(code: Int, body: [UInt8])
    /// Nothing was sent.
    case unreachable(reason: String)
    /// The request went out, and no whole answer came back.
    case lost(reason: String)
    /// What came is no answer.
    case violation(String)
}

/// One try of a request at one endpoint.
struct Exchange: Sendable {
    /// The largest body that a client takes, in bytes: a list of every object that a fleet may hold.
    static let largestBody = 512 << 20

    let client: APIClient
    let position: Int
    let request: ClientRequest
    let mayReuse: Bool
    /// For TCP and TLS.
    let connectMilliseconds: Int64
    let deadline: NIODeadline

    private var endpoint: Endpoint { client.endpoints[position] }

    /// The whole answer.
    ///
    /// - Parameter onHead: Called when the endpoint has begun to answer.
    func run(onHead: @Sendable () -> Void) async -> ExchangeOutcome {
        var mayReuse = mayReuse
        while true {
            let connection: ClientConnection
            let isReused: Bool
            do throws(ConnectFailure) {
                (connection, isReused) = try await connect(mayReuse: mayReuse)
            } catch {
                return .unreachable(reason: error.reason)
            }
            do throws(ExchangeFailure) {
                try await connection.send(request)
                let head = try await Self.head(connection, deadline: deadline)
                onHead()
                let body = try await Self.body(connection, deadline: deadline)
                await client.pool.giveBack(connection, at: position)
                return .answer(code: Int(head.status.code), body: body)
            } catch {
                connection.close()
                // An idle connection may have been closed at the very moment of its use: that says nothing of the
                // endpoint. Only requests that can't take effect twice come here on such a connection.
                if isReused, error == .closed, !Task.isCancelled {
                    mayReuse = false
                    continue
                }
                if case .violation(let what) = error { return .violation(what) }
                return .lost(reason: error.reason)
            }
        }
    }

    func connect(mayReuse: Bool) async throws(ConnectFailure) -> (connection: ClientConnection, isReused: Bool) {
        let left = (deadline - .now()).nanoseconds / 1_000_000
        guard left > 0 else { throw ConnectFailure(reason: "no time is left") }
        return try await client.pool.connection(
            to: endpoint, at: position, mayReuse: mayReuse,
            timeoutMilliseconds: min(left, connectMilliseconds))
    }

    static func head(
        _ connection: ClientConnection, deadline: NIODeadline
    ) async throws(ExchangeFailure) -> HTTPResponseHead {
        guard case .head(let head) = try await connection.nextPart(deadline: deadline) else {
            throw .violation("an answer without a head")
        }
        return head
    }

    static func body(_ connection: ClientConnection, deadline: NIODeadline) async throws(ExchangeFailure) -> [UInt8] {
        var body: [UInt8] = []
        while case .body(let buffer) = try await connection.nextPart(deadline: deadline) {
            guard body.count + buffer.readableBytes <= largestBody else {
                throw .violation("an answer of more than \(largestBody) bytes")
            }
            body.append(contentsOf: buffer.readableBytesView)
        }
        return body
    }
}
