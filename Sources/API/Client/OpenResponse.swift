import Contract
import JSONText
import NIOCore
import NIOHTTP1

/// An answer that is being read. The connection is closed at its end, or when the last reference to it is gone.
final class OpenResponse: Sendable {
    typealias Start = (connection: ClientConnection, head: HTTPResponseHead)

    let head: HTTPResponseHead
    private let connection: ClientConnection
    private let silenceMilliseconds: Int64?
    /// An answer that has not ended by then is given up.
    private let end: NIODeadline

    init(_ start: Start, silenceMilliseconds: Int64?, end: NIODeadline) {
        connection = start.connection
        head = start.head
        self.silenceMilliseconds = silenceMilliseconds
        self.end = end
    }

    deinit {
        // A caller that stops iterating has no other way to say so.
        connection.close()
    }

    /// The next bytes, never empty; nil at the end. An end that the server gives a reason for throws it.
    func next() async throws(ClientFailure) -> [UInt8]? {
        while true {
            let deadline = silenceMilliseconds.map { min(end, .now() + .milliseconds($0)) } ?? end
            let part: HTTPClientResponsePart
            do throws(ExchangeFailure) {
                part = try await connection.nextPart(deadline: deadline)
            } catch {
                if case .violation(let what) = error { throw .protocolViolation(what) }
                throw .lostAnswer(request: nil, reason: error.reason)
            }
            switch part {
            case .body(let buffer) where buffer.readableBytes > 0: return Array(buffer.readableBytesView)
            case .end(let trailers):
                connection.close()
                if let text = trailers?.first(name: HeaderName.status.rawValue) {
                    throw .status(APIStatus(embedded: try APIClient.parse(Array(text.utf8))))
                }
                return nil
            case .body, .head: continue
            }
        }
    }
}
