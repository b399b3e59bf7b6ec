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
    /// One for which there is no room at the moment is refused before it is read.
    func read(_ request: Request, _ context: APIContext, largest: Int) async throws -> [UInt8]? {
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        let room = min(max(0, announced ?? (Self.hasBody(request) ? largest : 0)), largest)
        guard context.budget.take(room, of: context.peer) else {
            throw APIStatus(
                .tooManyRequests,
                "the bodies of requests under way take as much memory as they may, \(limits.bodyBytesPerKey) bytes "
                    + "for one key and \(limits.bodyBytesInAll) for all; nothing was recorded", retryAfterSeconds: 1)
        }
        context.body.take(room)
        var bytes: [UInt8] = []
        // All at once, since an array that grows holds what it has twice. Pages that nothing is written to cost nothing.
        if let announced, announced <= largest { bytes.reserveCapacity(room) }
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

    private static func hasBody(_ request: Request) -> Bool {
        request.headers[.contentLength].map { $0 != "0" } ?? (request.headers[.transferEncoding] != nil)
    }

    /// Takes a body that no route has asked for off the connection, if it is a small one.
    func drain(_ request: Request, _ context: APIContext) async throws {
        guard Self.hasBody(request), context.body.isUntouched else { return }
        _ = try await consume(request, context, atMost: 1 << 20) { _, _ in }
    }
}
