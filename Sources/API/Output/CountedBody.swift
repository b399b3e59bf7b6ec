import Contract
import HTTPTypes
import Hummingbird
import NIOCore

/// Writes a body in pieces, each counted until the connection has taken it.
private struct CountedWriter: ResponseBodyWriter {
    var base: any ResponseBodyWriter
    let account: OutputAccount
    let pieceBytes: Int

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        repeat {
            // A body of no bytes is written too: the head goes out with it.
            guard let piece = rest.readSlice(length: min(pieceBytes, rest.readableBytes)) else { break }
            try await account.counting(piece.readableBytes) { try await base.write(piece) }
        } while rest.readableBytes > 0
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await base.finish(trailingHeaders)
    }
}

extension Response {
    /// The same answer, written piece by piece, no faster than its reader takes it, and counted as long as it is held.
    ///
    /// One that fits into a piece is left as it is: the connection's own buffers hold it.
    ///
    /// - Parameter mayRefuse: Whether nothing has happened yet that the answer must tell of.
    func counted(_ account: OutputAccount, pieceBytes: Int, mayRefuse: Bool) throws(APIStatus) -> Response {
        let body = body
        if let length = body.contentLength {
            if length <= pieceBytes {
                account.release()
                return self
            }
            if mayRefuse { try account.settle(length) }
        }
        var response = self
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(CountedWriter(base: writer, account: account, pieceBytes: pieceBytes))
        }
        return response
    }
}
