import NIOCore
import Primitives

/// The listener's first frame on the mesh's own protocols: whether it takes the connection, and if not, why.
///
/// It is needed because a TLS 1.3 client holds its handshake for complete before the listener has judged its key.
/// Form: `u32` length of the rest, then version (1), status, reason as length-prefixed UTF-8.
struct Preamble: Equatable, Sendable {
    enum Status: UInt8, Sendable {
        case welcome = 0
        case notAdmitted = 1
        case busy = 2
    }

    static let version: UInt8 = 1
    /// The longest rest of a frame that a dialer accepts.
    static let limit = 1024

    var status: Status
    var reason: String

    static let welcome = Preamble(status: .welcome, reason: "")

    var bytes: [UInt8] {
        var body = ByteWriter()
        body.write(Self.version)
        body.write(status.rawValue)
        body.write(String(reason.prefix(200)))
        var frame = ByteWriter()
        frame.write(fixed: UInt32(body.bytes.count))
        frame.write(raw: body.bytes)
        return frame.bytes
    }

    /// Takes the preamble from the front of `buffer`; nil if it is not all there yet.
    static func take(from buffer: inout ByteBuffer) throws(DecodingFailure) -> Preamble? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, endianness: .little, as: UInt32.self) else {
            return nil
        }
        guard (3...limit).contains(Int(length)) else {
            throw DecodingFailure(.invalid("a preamble of \(length) bytes"), offset: 0)
        }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        var reader = ByteReader(buffer.readBytes(length: Int(length)) ?? [])
        let version = try reader.readByte()
        guard version == Self.version else {
            throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0)
        }
        let code = try reader.readByte()
        guard let status = Status(rawValue: code) else {
            throw DecodingFailure(.invalid("status \(code)"), offset: 1)
        }
        let reason = try reader.readString()
        try reader.finish()
        return Preamble(status: status, reason: reason)
    }
}
