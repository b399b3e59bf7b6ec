import NIOCore
import Primitives

/// What has arrived on a stream: first one frame, then bytes that are counted and summed up.
struct StreamInbox {
    /// The most bytes that are handed out at once.
    static let pieceBytes = 256 << 10

    enum Outcome: Equatable {
        case bytes([UInt8])
        case end
        case failure(StreamFailure)
        /// Nothing yet.
        case nothing
    }

    /// What has arrived and was not taken.
    private var held = ByteBuffer()
    /// Whether the other side has ended its direction in order.
    private var hasEnded = false
    /// Why nothing more arrives; the first reason stays, unless this side closes the stream.
    private var failure: StreamFailure?
    /// Bytes to come; nil for an open end.
    private var left: UInt64?
    /// Of the bytes that were taken, as long as one was announced; an open end has none.
    private var checksum = CRC32C()
    private var announced: UInt32?

    var heldBytes: Int { held.readableBytes }
    /// Whether anything can still arrive.
    var isOpen: Bool { !hasEnded && failure == nil }

    mutating func received(_ buffer: ByteBuffer) {
        guard isOpen else { return }
        if held.readableBytes == 0 {
            held = buffer
        } else {
            held.discardReadBytes()
            held.writeImmutableBuffer(buffer)
        }
    }

    /// The other side has ended its direction.
    mutating func ended() {
        hasEnded = true
    }

    /// The connection is gone; what has arrived can still be read.
    mutating func cut() {
        if isOpen { failure = .cut(missing: nil) }
    }

    /// Nothing more is read, also of what is there.
    mutating func fail(_ reason: StreamFailure) {
        held = ByteBuffer()
        if failure == nil || reason == .closed { failure = reason }
    }

    /// From here on bytes are taken.
    mutating func expect(_ extent: StreamExtent, holding prefix: HeldPrefix) {
        left = extent.left(after: prefix.bytes)
        checksum = CRC32C(continuing: prefix.checksum)
        if case .exactly(_, let sum) = extent { announced = sum }
    }

    /// Takes the content of the frame with which the stream begins.
    mutating func takeFrame() -> Outcome {
        if let length = held.getInteger(at: held.readerIndex, endianness: .little, as: UInt32.self) {
            guard (1...UInt32(StreamHeader.frameBytes)).contains(length) else {
                return .failure(.violation("a first frame of \(length) bytes"))
            }
            if held.readableBytes >= 4 + Int(length) {
                held.moveReaderIndex(forwardBy: 4)
                return .bytes(held.readBytes(length: Int(length)) ?? [])
            }
        }
        if let failure { return .failure(failure) }
        return hasEnded ? .failure(.cut(missing: nil)) : .nothing
    }

    /// Takes the next bytes, or finds that all announced ones have come and no more.
    mutating func takeBytes() -> Outcome {
        if held.readableBytes > 0 {
            if let left, UInt64(held.readableBytes) > left {
                return .failure(.violation("more bytes than were announced"))
            }
            let bytes = held.readBytes(length: min(held.readableBytes, Self.pieceBytes)) ?? []
            if let before = left { left = before - UInt64(bytes.count) }
            if announced != nil { checksum.update(bytes) }
            return .bytes(bytes)
        }
        if case .cut = failure { return .failure(.cut(missing: left)) }
        if let failure { return .failure(failure) }
        guard hasEnded else { return .nothing }
        if let left, left > 0 { return .failure(.cut(missing: left)) }
        if let announced, announced != checksum.value { return .failure(.checksum) }
        return .end
    }
}
