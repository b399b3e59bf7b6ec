import Contract
import JSONText
public import Mesh
public import NIOCore

extension HTTPService: ProtocolHandler {
    /// Serves HTTP on a connection of the mesh, also to keys that are not admitted: they get a `Status` that says why,
    /// and may join with a ticket.
    public func accept(_ connection: AcceptedConnection) -> EventLoopFuture<ConnectionTask?> {
        accept(connection.channel, peer: connection.peer, place: connection.place).map { $0 }
    }

    /// A whole answer, so that clients see the reason and come back later.
    public func noRoom(_ sentence: String) -> [UInt8]? {
        let status = APIStatus(
            .tooManyRequests, "this node takes no more connections: \(sentence)", retryAfterSeconds: 1)
        var body: [UInt8] = []
        status.json.appendCompact(to: &body)
        let head =
            "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
            + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + body
    }
}
