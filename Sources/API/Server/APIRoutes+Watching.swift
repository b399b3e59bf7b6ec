import Contract
import Fleet
import HTTPTypes
import Hummingbird
import JSONText
import NIOCore

extension APIRoutes {
    /// A body that is written until it ends by itself, the client goes away or the node stops.
    ///
    /// The connection carries nothing after it.
    ///
    /// - Parameter write: Answers why it ended early, if it did: clients get that as the trailer `Blixard-Status`.
    func follow(
        _ request: Request, _ context: APIContext,
        _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> APIStatus?
    ) -> ResponseBody {
        // The end of the request's body is waited for here, so that nothing else may read it.
        context.body.begin()
        return ResponseBody { writer in
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                let status = try await write(&writer)
                // Here and not outside: when this closure returns, the connection may close at any moment.
                try await writer.finish(status.map { [HeaderName.status.field: Self.fieldValue($0)] })
            }
        }
    }

    /// A status in one line of printable ASCII, as header fields are; other characters become question marks.
    private static func fieldValue(_ status: APIStatus) -> String {
        var bytes: [UInt8] = []
        status.json.appendCompact(to: &bytes)
        return String(decoding: bytes.map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    /// A watch. Its first view is taken before its head goes out: a node that can give none says so by the answer's
    /// code, and the client asks another.
    func watch(_ watch: WatchRequest, _ request: Request, _ context: APIContext) async throws -> Response {
        var feed = WatchFeed(request: watch, specs: specs, pieceBytes: limits.pieceBytes)
        // A client that lists here and watches there must not watch a node that has yet to see what was listed.
        let first = feed.begin(try await backend.view(watch.list.consistency))
        let question = request.uri.description
        if let backlog = feed.backlog { try Self.hold(backlog, of: question, context.output) }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "no-store", .connection: "close"],
            body: follow(request, context) { [feed] writer in
                // The head goes out at once.
                try await writer.write(ByteBuffer())
                try await run(feed, of: question, from: first, context.output, to: &writer)
                return nil
            })
    }

    /// Counts the objects that a watch keeps until it has told them, once for all watches that keep the same.
    private static func hold(
        _ backlog: WatchBacklog, of question: String, _ account: OutputAccount
    ) throws(APIStatus) {
        try account.hold(
            backlog.items.heldBytes, ofQuestion: "\(backlog.type) \(question)", at: backlog.view.fleet.revision)
    }

    private func run(
        _ feed: WatchFeed, of question: String, from first: WatchFeed.Step, _ account: OutputAccount,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(feed.request.seconds)
        var lastWritten = clock.now
        var feed = feed
        var step = first
        while true {
            switch step {
            case .lines(let lines):
                if !lines.isEmpty {
                    try await writer.write(ByteBuffer(bytes: lines))
                    lastWritten = clock.now
                }
            case .end(let lines):
                try await writer.write(ByteBuffer(bytes: lines))
                return
            }
            let left = (end - clock.now).milliseconds
            if left <= 0 || stop.isStopped || Task.isCancelled { break }
            if (clock.now - lastWritten).milliseconds >= limits.heartbeatMilliseconds {
                // White space between values: nothing to any client, but a proof that this end is alive.
                let bookmark = await bookmark(feed)
                try await writer.write(bookmark.isEmpty ? ByteBuffer(string: "\n") : ByteBuffer(bytes: bookmark))
                lastWritten = clock.now
            }
            if feed.backlog == nil { account.dropShare() }
            if !feed.isBehind {
                await waitForNews(after: feed.cursor, milliseconds: min(left, limits.silenceCheckMilliseconds))
                if stop.isStopped || Task.isCancelled { break }
            }
            let wasTelling = feed.backlog != nil
            (step, feed) = await nextStep(of: feed)
            if !wasTelling, let backlog = feed.backlog {
                do throws(APIStatus) {
                    try Self.hold(backlog, of: question, account)
                } catch {
                    step = .end(Self.errorLine(error))
                }
            }
        }
        let bookmark = await bookmark(feed)
        if !bookmark.isEmpty { try await writer.write(ByteBuffer(bytes: bookmark)) }
    }

    // Views live only as long as these functions: while one is held, the next change copies the fleet's tables.

    private func nextStep(of feed: WatchFeed) async -> (WatchFeed.Step, WatchFeed) {
        if feed.backlog != nil { return await Self.beside(feed) { $0.tellBacklog() } }
        let view: ClusterView
        do throws(APIStatus) {
            view = try await backend.view(.stale)
        } catch {
            return (.end(Self.errorLine(error)), feed)
        }
        return await Self.beside(feed) { $0.advance(view) }
    }

    private func bookmark(_ feed: WatchFeed) async -> [UInt8] {
        guard feed.request.wantsBookmarks else { return [] }
        // A bookmark is a convenience: without a view there is none.
        guard let view = try? await backend.view(.stale) else { return [] }
        return feed.bookmark(view)
    }

    private func waitForNews(after revision: UInt64, milliseconds: Int64) async {
        _ = await stop.race { [backend] in
            await backend.waitForRevision(after: revision, timeoutMilliseconds: milliseconds)
        }
    }

    private static func errorLine(_ status: APIStatus) -> [UInt8] {
        var output = JSONOutput(capacity: 512)
        output.json(["type": "ERROR", "object": status.json])
        output.endLine()
        return output.bytes
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
