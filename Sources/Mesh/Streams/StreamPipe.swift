import NIOCore
import Synchronization

/// The end of one stream in its channel's pipeline, with backpressure in both directions.
///
/// Reads from the socket only while little has arrived that was not taken, and lets a writer go on only while little
/// waits to leave; so a stream costs a bounded number of bytes, however fast or slow the other side is. Lives on the
/// channel's event loop, where everything is called.
final class StreamPipe: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    typealias Reading = CheckedContinuation<StreamInbox.Outcome, Never>
    typealias Writing = CheckedContinuation<Result<Void, StreamFailure>, Never>

    /// What leaves as one write, and so what must leave within the deadline.
    private static let pieceBytes = 64 << 10

    private enum Want {
        case frame
        case bytes
    }

    private let settings: StreamSettings
    private let closer: FlushingCloseHandler
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private let tickMilliseconds: Int64

    private var inbox = StreamInbox()
    /// The one task that waits to read; nil while none does.
    private var reader: (want: Want, continuation: Reading)?
    /// Whether the socket was asked for bytes and has not brought them all: at most one read is under way.
    private var isReading = false
    private var inboundClock: StallClock

    /// The one task that waits to write; nil while none does.
    private var writer: Writing?
    /// Handed to the channel and not yet taken by the socket.
    private var unsentBytes = 0
    private var outboundClock: StallClock
    /// Bytes that this side has still to send; nil for an open end.
    private var toSend: UInt64? = 0
    /// Whether this side has ended its direction; nothing is written afterwards.
    private var hasFinished = false
    /// Whether the end of this direction was sent, which happens once, after the last byte has left.
    private var isOutputClosing = false
    /// Whether the reader was told the other side's end.
    private var sawEnd = false
    private var failure: StreamFailure?
    /// Whether something waits to be read: bytes, the end, or a failure.
    let arrival: Arrival

    /// - Parameter closer: Stands at the other end of the pipeline.
    init(settings: StreamSettings, arrival: Arrival, closer: FlushingCloseHandler) {
        self.settings = settings
        self.closer = closer
        self.arrival = arrival
        tickMilliseconds = max(5, min(1000, min(settings.stallMilliseconds, settings.headerMilliseconds) / 8))
        inboundClock = StallClock(limitMilliseconds: settings.headerMilliseconds, progressBytes: .max)
        outboundClock = StallClock(limitMilliseconds: settings.stallMilliseconds, progressBytes: 1)
    }

    /// A mark that any thread may look at.
    final class Arrival: Sendable {
        let isThere = Atomic(false)
    }

    /// Whether both directions have come to their ends.
    var isComplete: Bool { hasFinished && sawEnd }
    var hasFinishedWriting: Bool { hasFinished && failure == nil }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // A channel that is closed already has no options any more, and ends by itself.
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        scheduleTick()
        demand()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        lost()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        lost()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        inboundClock.moved(buffer.readableBytes)
        inbox.received(buffer)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        hand()
        demand()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            inbox.ended()
            hand()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lost()
        context.close(promise: nil)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // From outside: the listener ends, or the key is no longer admitted. What has not come to its end is cut.
        if mode == .all, !isComplete { fail(.closed) }
        context.close(mode: mode, promise: promise)
    }

    // MARK: Reading

    /// The content of the frame with which the other side begins.
    func readFrame(_ continuation: Reading) {
        read(.frame, continuation)
    }

    /// The next bytes.
    func readBytes(_ continuation: Reading) {
        read(.bytes, continuation)
    }

    /// From here on bytes are read and written.
    ///
    /// - Parameter silenceMilliseconds: How long an open end may stay silent; nil sets no limit.
    func open(
        receiving: StreamExtent, holding prefix: HeldPrefix, silenceMilliseconds: Int64?, sending left: UInt64?
    ) {
        inbox.expect(receiving, holding: prefix)
        toSend = left
        inboundClock =
            receiving == .open
            ? StallClock(limitMilliseconds: silenceMilliseconds, progressBytes: 1)
            : StallClock(limitMilliseconds: settings.stallMilliseconds, progressBytes: settings.progressBytes)
    }

    private func read(_ want: Want, _ continuation: Reading) {
        precondition(reader == nil, "two readers of one stream")
        reader = (want, continuation)
        hand()
        demand()
    }

    /// Gives the reader what there is for it.
    private func hand() {
        defer { arrival.isThere.store(inbox.heldBytes > 0 || !inbox.isOpen, ordering: .releasing) }
        guard let reader else { return }
        let outcome = reader.want == .frame ? inbox.takeFrame() : inbox.takeBytes()
        if case .nothing = outcome { return }
        self.reader = nil
        if case .end = outcome { sawEnd = true }
        if case .failure(let failure) = outcome { end(failure) }
        reader.continuation.resume(returning: outcome)
    }

    private func demand() {
        guard !isReading, inbox.isOpen, inbox.heldBytes < settings.bufferBytes, let context else { return }
        isReading = true
        context.read()
    }

    // MARK: Writing

    /// Sends bytes that belong to no extent: a frame.
    func writeFrame(_ frame: [UInt8], _ continuation: Writing) {
        send(frame[...], continuation)
    }

    /// Sends a part of what was announced; resumes when there is room for more.
    func write(_ bytes: ArraySlice<UInt8>, _ continuation: Writing) {
        if let left = toSend {
            precondition(UInt64(bytes.count) <= left, "\(bytes.count) bytes where \(left) were announced")
            toSend = left - UInt64(bytes.count)
        }
        send(bytes, continuation)
    }

    private func send(_ bytes: ArraySlice<UInt8>, _ continuation: Writing) {
        precondition(writer == nil && !hasFinished, "a stream is written by one, until it is finished")
        guard failure == nil, let context else { return continuation.resume(returning: .failure(failure ?? .closed)) }
        writer = continuation
        var rest = bytes
        while !rest.isEmpty {
            let piece = rest.prefix(Self.pieceBytes)
            rest = rest.dropFirst(piece.count)
            unsentBytes += piece.count
            context.write(wrapOutboundOut(ByteBuffer(bytes: piece))).assumeIsolated().whenComplete { result in
                self.unsentBytes -= piece.count
                guard case .success = result else { return }
                self.outboundClock.moved(piece.count)
                self.letWriterGoOn()
                self.closeOutputWhenSent()
            }
        }
        context.flush()
        letWriterGoOn()
    }

    private func letWriterGoOn() {
        guard unsentBytes <= settings.windowBytes, !hasFinished, let writer else { return }
        self.writer = nil
        writer.resume(returning: failure.map { .failure($0) } ?? .success(()))
    }

    /// Ends this direction; resumes when everything has left.
    func finish(_ continuation: Writing) {
        precondition(writer == nil, "a stream is finished after its last write")
        guard failure == nil else { return continuation.resume(returning: .failure(failure ?? .closed)) }
        if let toSend, toSend > 0 {
            end(.unfinished(missing: toSend))
            return continuation.resume(returning: .failure(.unfinished(missing: toSend)))
        }
        guard !hasFinished else { return continuation.resume(returning: .success(())) }
        hasFinished = true
        writer = continuation
        closeOutputWhenSent()
    }

    private func closeOutputWhenSent() {
        guard unsentBytes == 0, hasFinished, !isOutputClosing, let context else { return }
        isOutputClosing = true
        closer.limitMilliseconds = settings.stallMilliseconds
        context.close(mode: .output).assumeIsolated().whenComplete { result in
            guard let writer = self.writer else { return }
            self.writer = nil
            switch result {
            case .success: writer.resume(returning: .success(()))
            case .failure: writer.resume(returning: .failure(self.failure ?? .cut(missing: nil)))
            }
        }
    }

    // MARK: Ends

    private func scheduleTick() {
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(tickMilliseconds)) { self.tick() }
    }

    private func tick() {
        if reader != nil, let limit = inboundClock.waited(tickMilliseconds) {
            return fail(.stalled(milliseconds: limit))
        }
        if unsentBytes > 0 || writer != nil, let limit = outboundClock.waited(tickMilliseconds) {
            return fail(.stalled(milliseconds: limit))
        }
        scheduleTick()
    }

    /// Gives the stream up: waiting tasks are told, and the other side sees a connection that was cut.
    func fail(_ reason: StreamFailure) {
        inbox.fail(reason)
        end(reason)
        hand()
    }

    /// The connection is gone, or going.
    private func lost() {
        inbox.cut()
        end(.cut(missing: nil))
        hand()
    }

    private func end(_ reason: StreamFailure) {
        guard failure == nil else { return }
        failure = reason
        timer?.cancel()
        if let writer {
            self.writer = nil
            writer.resume(returning: .failure(reason))
        }
        // A `close_notify` would make the half that was sent look like the whole.
        if isComplete { context?.close(promise: nil) } else { closer.closeNow() }
    }
}
