import NIOCore
import Primitives

/// One frame between peers: `u32` length of the rest (little endian), one byte of type, body.
enum PeerFrame: Equatable {
    /// The first frame of each side: protocol version and a number that is new each time the process starts.
    case hello(version: UInt8, instance: UInt64)
    case ping(UInt64)
    case pong(UInt64)
    case whole(ByteBuffer)
    case begin(total: Int, ByteBuffer)
    case more(ByteBuffer)

    static let version: UInt8 = 1
    /// Length field, type, and the total of a first part.
    static let overhead = 4 + 1 + 4
    /// The most message bytes that one frame carries.
    static let pieceBytes = Limits.frameBytes - overhead

    /// Writes a frame behind what the buffer holds.
    func write(into buffer: inout ByteBuffer) {
        switch self {
        case .hello(let version, let instance):
            Self.head(0, 9, &buffer)
            buffer.writeInteger(version)
            buffer.writeInteger(instance, endianness: .little)
        case .ping(let token):
            Self.head(1, 8, &buffer)
            buffer.writeInteger(token, endianness: .little)
        case .pong(let token):
            Self.head(2, 8, &buffer)
            buffer.writeInteger(token, endianness: .little)
        case .whole(let body):
            Self.head(3, body.readableBytes, &buffer)
            buffer.writeImmutableBuffer(body)
        case .begin(let total, let body):
            Self.head(4, 4 + body.readableBytes, &buffer)
            buffer.writeInteger(UInt32(total), endianness: .little)
            buffer.writeImmutableBuffer(body)
        case .more(let body):
            Self.head(5, body.readableBytes, &buffer)
            buffer.writeImmutableBuffer(body)
        }
    }

    static func head(_ type: UInt8, _ bodyBytes: Int, _ buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt32(1 + bodyBytes), endianness: .little)
        buffer.writeInteger(type)
    }

    /// Writes a piece of a message without copying it twice.
    static func write(_ piece: OutboundQueue.Piece, into buffer: inout ByteBuffer) {
        switch piece {
        case .whole(let message):
            head(3, message.count, &buffer)
            buffer.writeBytes(message)
        case .begin(let total, let part):
            head(4, 4 + part.count, &buffer)
            buffer.writeInteger(UInt32(total), endianness: .little)
            buffer.writeBytes(part)
        case .more(let part):
            head(5, part.count, &buffer)
            buffer.writeBytes(part)
        }
    }

    /// Takes a frame from the front of the buffer; nil if it is not all there yet.
    ///
    /// A length is judged before the body is waited for, so no more than one frame is ever held.
    static func take(from buffer: inout ByteBuffer) throws(DecodingFailure) -> PeerFrame? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, endianness: .little, as: UInt32.self) else {
            return nil
        }
        guard (1...UInt32(Limits.frameBytes)).contains(length) else {
            throw DecodingFailure(.invalid("a frame of \(length) bytes"), offset: 0)
        }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        guard var body = buffer.readSlice(length: Int(length)), let type = body.readInteger(as: UInt8.self) else {
            throw DecodingFailure(.truncated(needed: Int(length), left: 0), offset: 4)
        }
        return try parse(type, &body)
    }

    private static func parse(_ type: UInt8, _ body: inout ByteBuffer) throws(DecodingFailure) -> PeerFrame {
        let frame: PeerFrame?
        switch type {
        case 0:
            frame =
                if let version = body.readInteger(as: UInt8.self),
                    let instance = body.readInteger(endianness: .little, as: UInt64.self)
                {
                    .hello(version: version, instance: instance)
                } else { nil }
        case 1: frame = body.readInteger(endianness: .little, as: UInt64.self).map { .ping($0) }
        case 2: frame = body.readInteger(endianness: .little, as: UInt64.self).map { .pong($0) }
        case 3: return .whole(body)
        case 4:
            guard let total = body.readInteger(endianness: .little, as: UInt32.self), body.readableBytes > 0 else {
                throw DecodingFailure(.invalid("an empty first part"), offset: 5)
            }
            return .begin(total: Int(total), body)
        case 5:
            guard body.readableBytes > 0 else { throw DecodingFailure(.invalid("an empty part"), offset: 5) }
            return .more(body)
        default: throw DecodingFailure(.invalid("frame type \(type)"), offset: 4)
        }
        guard let frame, body.readableBytes == 0 else {
            throw DecodingFailure(.invalid("a frame of type \(type) with a wrong length"), offset: 5)
        }
        return frame
    }
}
