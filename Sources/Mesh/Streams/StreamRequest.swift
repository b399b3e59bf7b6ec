public import Primitives
import Synchronization

/// What serves streams of one kind.
public protocol StreamHandler: Sendable {
    /// Takes or refuses the stream, and serves it until it returns; the connection ends then.
    ///
    /// Runs as a child of ``MeshServer/run()``, beside the other streams. A request that is neither taken nor refused
    /// is refused.
    func serve(_ request: StreamRequest) async
}

/// A stream that another node wants to open.
public final class StreamRequest: Sendable {
    /// The key that the opener proved to own.
    public let peer: PublicKey
    public let header: StreamHeader
    private let ends: StreamEnds
    private let isAnswered = Mutex(false)

    init(peer: PublicKey, header: StreamHeader, ends: StreamEnds) {
        self.peer = peer
        self.header = header
        self.ends = ends
    }

    /// Takes the stream; once, and not after a refusal.
    ///
    /// - Parameters:
    ///   - extent: What this side will send. The opener holds the bytes before `header.resume`.
    ///   - prefix: What this side holds of the opener's bytes; not more than were announced.
    ///   - silenceMilliseconds: How long an opener may stay silent whose bytes have an open end; nil sets no limit.
    /// - Throws: ``StreamFailure/violation(_:)`` for a `header.resume` beyond the extent; else if the stream has ended.
    public func accept(
        sending extent: StreamExtent, holding prefix: HeldPrefix, parameters: [UInt8], silenceMilliseconds: Int64?
    ) async throws(StreamFailure) -> ByteStream {
        precondition(header.extent.contains(prefix.bytes), "\(prefix.bytes) bytes are held of \(header.extent)")
        guard extent.contains(header.resume) else {
            await refuse("byte \(header.resume) does not exist")
            throw .violation("it wants byte \(header.resume), which does not exist")
        }
        let acceptance = StreamAcceptance(parameters: parameters, extent: extent, resume: prefix.bytes)
        try await answer(.accepted(acceptance))
        ends.onLoop { [header] in
            $0.open(
                receiving: header.extent, holding: prefix, silenceMilliseconds: silenceMilliseconds,
                sending: extent.left(after: header.resume))
        }
        return ByteStream(
            peer: peer, incoming: header.extent, resume: header.resume, outgoing: extent,
            parameters: header.parameters, ends: ends)
    }

    /// Says why this stream is not taken; it would not be taken later either.
    public func refuse(_ reason: String) async {
        await decline(.refused(reason: reason))
    }

    /// Says why this stream is not taken now.
    public func postpone(_ reason: String) async {
        await decline(.busy(reason: reason))
    }

    private func decline(_ answer: StreamAnswer) async {
        // An opener that has gone needs no reason.
        try? await self.answer(answer)
        try? await ends.write { $0.finish($1) }
    }

    /// Refuses what its handler has left without an answer.
    func refuseIfUnanswered() async {
        if !isAnswered.withLock({ $0 }) { await refuse("no handler served it") }
    }

    private func answer(_ answer: StreamAnswer) async throws(StreamFailure) {
        isAnswered.withLock { isAnswered in
            precondition(!isAnswered, "a stream's header is answered once")
            isAnswered = true
        }
        try await ends.write { $0.writeFrame(answer.frame, $1) }
    }
}
