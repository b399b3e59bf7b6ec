import Hummingbird
import NIOCore

/// Reads the bodies of requests, within bounds of size and time.
struct BodyReader {
    /// A refused request's body is read on so far beyond its limit, so that the client, which writes before it reads,
    /// gets to see why. Whoever sends more is cut off.
    private static let tolerance = 3

    let limits: HTTPLimits

    /// The body; nil if it has more than `largest` bytes.
    ///
    /// A body that does not arrive in time closes the connection.
    func read(_ request: Request, _ context: APIContext, largest: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        let seen = try await consume(request, context, atMost: (1 + Self.tolerance) * largest) { buffer, seen in
            if seen <= largest { bytes.append(contentsOf: buffer.readableBytesView) } else { bytes = [] }
        }
        return seen <= largest ? bytes : nil
    }

    /// Takes a body off the connection piece by piece, and answers its size, or one above `most` if it is larger.
    private func consume(
        _ request: Request, _ context: APIContext, atMost most: Int, _ take: (ByteBuffer, _ seen: Int) -> Void
    ) async throws -> Int {
        let channel = context.channel
        let timer = channel.eventLoop.scheduleTask(in: .milliseconds(limits.bodyMilliseconds)) {
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        context.body.begin()
        var seen = 0
        for try await buffer in request.body {
            seen += buffer.readableBytes
            if seen > most { return seen }
            take(buffer, seen)
        }
        context.body.finish()
        return seen
    }

    /// Takes a body that no route has asked for off the connection, if it is a small one.
    func drain(_ request: Request, _ context: APIContext) async throws {
        let hasBody = request.headers[.contentLength].map { $0 != "0" } ?? (request.headers[.transferEncoding] != nil)
        guard hasBody, context.body.isUntouched else { return }
        _ = try await consume(request, context, atMost: 1 << 20) { _, _ in }
    }
}
