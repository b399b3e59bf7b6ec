import Contract
import Hummingbird
import NIOCore

/// Reads the bodies of requests, within bounds of size and time.
struct BodyReader {
    let limits: HTTPLimits

    /// The body; nil if it has more than `largest` bytes.
    ///
    /// A body that does not arrive in time closes the connection.
    /// One for which there is no room at the moment is refused before it is read.
    func read(_ request: Request, _ context: APIContext, largest: Int) async throws -> [UInt8]? {
        let announced = Self.announced(request)
        if let announced, announced > largest { return nil }
        let room = min(max(0, announced ?? (Self.hasBody(request) ? largest : 0)), largest)
        guard context.budget.take(room, of: context.peer) else {
            throw APIStatus(
                .tooManyRequests,
                "the bodies of requests under way take as much memory as they may, \(limits.bodyBytesPerKey) bytes "
                    + "for one key and \(limits.bodyBytesInAll) for all; nothing was recorded", retryAfterSeconds: 1)
        }
        context.body.take(room)
        var bytes: [UInt8] = []
        // All at once, since an array that grows holds what it has twice. Pages that nothing is written to cost
        // nothing.
        if let announced, announced <= largest { bytes.reserveCapacity(room) }
        let isWhole = try await consume(
            request, context, atMost: largest, milliseconds: limits.bodyMilliseconds
        ) { buffer in bytes.append(contentsOf: buffer.readableBytesView) }
        return isWhole ? bytes : nil
    }

    /// Takes a body off the connection piece by piece; whether that was all of it, which it is not beyond `most`.
    private func consume(
        _ request: Request, _ context: APIContext, atMost most: Int, milliseconds: Int64, _ take: (ByteBuffer) -> Void
    ) async throws -> Bool {
        let channel = context.channel
        let timer = channel.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        context.body.begin()
        var seen = 0
        for try await buffer in request.body {
            seen += buffer.readableBytes
            if seen > most { return false }
            take(buffer)
        }
        context.body.finish()
        return true
    }

    private static func announced(_ request: Request) -> Int? {
        request.headers[.contentLength].flatMap { Int($0) }
    }

    private static func hasBody(_ request: Request) -> Bool {
        request.headers[.contentLength].map { $0 != "0" } ?? (request.headers[.transferEncoding] != nil)
    }

    /// Takes a small body that no route has asked for off the connection, which then takes the next request.
    func drain(_ request: Request, _ context: APIContext) async throws {
        guard context.body.isUntouched, let announced = Self.announced(request), announced > 0,
            announced <= limits.smallBodyBytes
        else { return }
        _ = try await consume(
            request, context, atMost: limits.smallBodyBytes, milliseconds: limits.lingerMilliseconds
        ) { _ in }
    }

    /// Whether some of the request's body is on its way, and will not be read.
    static func isLeftUnread(_ request: Request, _ context: APIContext) -> Bool {
        hasBody(request) && !context.body.isRead
    }
}
