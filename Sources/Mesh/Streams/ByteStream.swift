import NIOCore
public import Primitives
import Synchronization

/// An open stream: bytes in both directions, each with an end of its own.
///
/// One task at a time reads, and one at a time writes. A failure of one direction ends both, and the other side sees
/// it. Cancelling a task that waits here closes the stream.
public final class ByteStream: Sendable {
    /// The key that the other side proved to own.
    public let peer: PublicKey
    /// What the other side will send.
    public let incoming: StreamExtent
    /// The first byte of ``outgoing`` that the other side wants.
    public let resume: UInt64
    /// What this side has announced.
    public let outgoing: StreamExtent
    /// What the other side said to the kind: the opener's parameters at the listener, and the listener's at the opener.
    public let parameters: [UInt8]
    let ends: StreamEnds

    init(
        peer: PublicKey, incoming: StreamExtent, resume: UInt64, outgoing: StreamExtent, parameters: [UInt8],
        ends: StreamEnds
    ) {
        self.peer = peer
        self.incoming = incoming
        self.resume = resume
        self.outgoing = outgoing
        self.parameters = parameters
        self.ends = ends
    }

    /// Whether a read would answer at once: bytes have arrived, or the end, or a failure.
    public var hasArrivals: Bool { ends.arrival.isThere.load(ordering: .acquiring) }

    /// The next bytes, at most 256 KiB; nil once all have come, are as many as announced, and have their checksum.
    ///
    /// - Throws: ``StreamFailure`` if the stream ended before that, stalled, or is another one than was announced.
    public func read() async throws(StreamFailure) -> [UInt8]? {
        switch await ends.read({ $0.readBytes($1) }) {
        case .bytes(let bytes): return bytes
        case .end: return nil
        case .failure(let failure): throw failure
        case .nothing: throw .closed
        }
    }

    /// Everything up to the other side's end.
    ///
    /// - Parameter limit: The most bytes; more is a ``StreamFailure/violation(_:)`` of the other side.
    /// - Throws: Also what ``read()`` throws.
    public func readAll(limit: Int) async throws(StreamFailure) -> [UInt8] {
        var all: [UInt8] = []
        while let bytes = try await read() {
            guard all.count + bytes.count <= limit else {
                close()
                throw .violation("more than \(limit) bytes")
            }
            all += bytes
        }
        return all
    }

    /// Sends bytes and returns when there is room for more; they may not have left yet.
    ///
    /// More bytes than were announced are a programmer's error.
    ///
    /// - Throws: ``StreamFailure`` if the stream has ended or the other side takes nothing.
    public func write(_ bytes: ArraySlice<UInt8>) async throws(StreamFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let piece = rest.prefix(StreamInbox.pieceBytes)
            rest = rest.dropFirst(piece.count)
            try await ends.write { $0.write(piece, $1) }
        }
    }

    /// Sends all of an array, as the method above.
    ///
    /// - Throws: As the method above.
    public func write(_ bytes: [UInt8]) async throws(StreamFailure) {
        try await write(bytes[...])
    }

    /// Ends this direction, and returns when everything has left.
    ///
    /// - Throws: ``StreamFailure/unfinished(missing:)`` if more was announced than written; the stream is closed then.
    public func finish() async throws(StreamFailure) {
        try await ends.write { $0.finish($1) }
    }

    /// Gives the stream up at once; harmless if it has ended.
    public func close() {
        ends.close()
    }
}

/// A pipe, for those who are not on its event loop.
final class StreamEnds: Sendable {
    let arrival: StreamPipe.Arrival
    private let loop: any EventLoop
    private let pipe: NIOLoopBound<StreamPipe>

    /// Called on the event loop.
    init(_ pipe: StreamPipe, loop: any EventLoop) {
        arrival = pipe.arrival
        self.loop = loop
        self.pipe = NIOLoopBound(pipe, eventLoop: loop)
    }

    /// Puts a pipe at the end of the channel's pipeline; on its event loop.
    static func install(in channel: any Channel, settings: StreamSettings) throws -> StreamEnds {
        let closer = FlushingCloseHandler(limitMilliseconds: settings.lingerMilliseconds)
        let pipe = StreamPipe(settings: settings, arrival: StreamPipe.Arrival(), closer: closer)
        try channel.pipeline.syncOperations.addHandler(closer, position: .first)
        try channel.pipeline.syncOperations.addHandler(pipe)
        return StreamEnds(pipe, loop: channel.eventLoop)
    }

    func read(
        _ body: @escaping @Sendable (StreamPipe, StreamPipe.Reading) -> Void
    ) async -> StreamInbox.Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                onLoop { body($0, continuation) }
            }
        } onCancel: {
            close()
        }
    }

    func write(
        _ body: @escaping @Sendable (StreamPipe, StreamPipe.Writing) -> Void
    ) async throws(StreamFailure) {
        let result: Result<Void, StreamFailure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                onLoop { body($0, continuation) }
            }
        } onCancel: {
            close()
        }
        try result.get()
    }

    func onLoop(_ body: @escaping @Sendable (StreamPipe) -> Void) {
        loop.execute { [pipe] in body(pipe.value) }
    }

    func close() {
        onLoop { $0.fail(.closed) }
    }

    /// Ends what a stream's user has left: one that finished its direction is read on for a moment, because a socket
    /// closed with unread bytes in it is reset, and a reset overtakes the last words.
    func settle(lingerMilliseconds: Int64) async {
        let scheduled = loop.scheduleTask(in: .milliseconds(lingerMilliseconds)) { [pipe] in pipe.value.fail(.closed) }
        defer { scheduled.cancel() }
        if await isReadOn() {
            while case .bytes = await read({ $0.readBytes($1) }) {}
        }
        close()
    }

    private func isReadOn() async -> Bool {
        await withCheckedContinuation { continuation in
            onLoop { continuation.resume(returning: $0.hasFinishedWriting && !$0.isComplete) }
        }
    }
}
