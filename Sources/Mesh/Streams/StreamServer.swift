public import Logging
public import NIOCore
import Primitives
import Synchronization

/// Takes streams on accepted connections and gives each to the handler of its kind.
///
/// It stands behind the listener's admission: only admitted keys get here. What they can cost is bounded all the same:
/// streams at once, time for the header, time without progress, and bytes in memory.
public final class StreamServer: ProtocolHandler {
    private struct State {
        /// Streams that are being served; the numbers of all keys add up to `all`.
        var perKey: [PublicKey: Int] = [:]
        var all = 0
        var counters = StreamCounters()
    }

    private let handlers: [String: any StreamHandler]
    private let settings: StreamSettings
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter handlers: By the kind of stream that each serves.
    public init(handlers: [String: any StreamHandler], settings: StreamSettings, logger: Logger) {
        self.handlers = handlers
        self.settings = settings
        self.logger = logger
    }

    /// What was counted since the server was made.
    public var counters: StreamCounters {
        state.withLock { state in
            var counters = state.counters
            counters.open = state.all
            return counters
        }
    }

    public func accept(_ connection: AcceptedConnection) -> EventLoopFuture<ConnectionTask?> {
        connection.channel.eventLoop.makeCompletedFuture {
            let ends = try StreamEnds.install(in: connection.channel, settings: settings)
            let peer = connection.peer
            return { await self.serve(ends, peer) }
        }
    }

    private func serve(_ ends: StreamEnds, _ peer: PublicKey) async {
        let hasRoom = enter(peer)
        let content = await ends.read { $0.readFrame($1) }
        guard case .bytes(let bytes) = content else {
            if case .failure(.violation(let problem)) = content { note(peer, problem) }
            if hasRoom { leave(peer) }
            return ends.close()
        }
        do throws(DecodingFailure) {
            let request = StreamRequest(peer: peer, header: try StreamHeader(decoding: bytes), ends: ends)
            if hasRoom {
                await handle(request)
            } else {
                await request.postpone("it serves as many streams as it allows")
            }
        } catch {
            note(peer, "its header: \(error)")
            if hasRoom { leave(peer) }
            return ends.close()
        }
        await ends.settle(lingerMilliseconds: settings.lingerMilliseconds)
        if hasRoom { leave(peer) }
    }

    private func handle(_ request: StreamRequest) async {
        guard let handler = handlers[request.header.kind] else {
            return await request.refuse("it knows no streams of the kind \"\(request.header.kind)\"")
        }
        await handler.serve(request)
        await request.refuseIfUnanswered()
    }

    private func enter(_ peer: PublicKey) -> Bool {
        state.withLock { state in
            guard state.all < settings.streams, state.perKey[peer, default: 0] < settings.streamsPerKey else {
                state.counters.postponed += 1
                return false
            }
            state.all += 1
            state.perKey[peer, default: 0] += 1
            state.counters.served += 1
            return true
        }
    }

    private func leave(_ peer: PublicKey) {
        state.withLock { state in
            state.all -= 1
            let left = state.perKey[peer, default: 1] - 1
            state.perKey[peer] = left > 0 ? left : nil
        }
    }

    private func note(_ peer: PublicKey, _ problem: String) {
        state.withLock { $0.counters.violations += 1 }
        // At most one for each connection, of which the listener bounds the number.
        logger.notice(
            "closed a stream that broke the protocol", metadata: ["peer": "\(peer)", "problem": "\(problem)"])
    }
}

/// What a stream server has counted since it was made.
public struct StreamCounters: Equatable, Sendable {
    /// Streams that had room; some may have been refused by their handler.
    public var served: UInt64 = 0
    /// Streams for which there was no room.
    public var postponed: UInt64 = 0
    /// Headers that were none.
    public var violations: UInt64 = 0
    /// Streams that are served now.
    public var open = 0

    public init() {}
}
