import Primitives

/// What the listener says to a header.
enum StreamAnswer: Equatable, Sendable {
    /// What the listener will send, and the first byte that it wants of the opener.
    case accepted(StreamAcceptance)
    case refused(reason: String)
    /// The same may be taken later.
    case busy(reason: String)
}

/// What the listener of a stream says when it takes it.
public struct StreamAcceptance: Equatable, Sendable {
    /// Whatever a stream of this kind needs to know first; the mesh does not look inside.
    public var parameters: [UInt8]
    /// What the listener will send.
    public var extent: StreamExtent
    /// The first byte that the listener wants of the opener: what is before it, it holds already.
    public var resume: UInt64
}

// Form of the frame: `u32` length of the rest, version (1), status (0 accepted, 1 refused, 2 busy), and then extent,
// resume and parameters, or a reason.
extension StreamAnswer {
    /// A reason is for people: what is longer is cut off.
    private static let reasonCharacters = 500

    var frame: [UInt8] {
        var body = ByteWriter()
        body.write(StreamHeader.version)
        switch self {
        case .accepted(let acceptance):
            body.write(UInt8(0))
            body.write(acceptance.extent)
            body.write(varint: acceptance.resume)
            body.write(prefixed: acceptance.parameters)
        case .refused(let reason):
            body.write(UInt8(1))
            body.write(String(reason.prefix(Self.reasonCharacters)))
        case .busy(let reason):
            body.write(UInt8(2))
            body.write(String(reason.prefix(Self.reasonCharacters)))
        }
        return body.framed
    }

    /// Reads the frame's content, without its length field.
    init(decoding content: [UInt8]) throws(DecodingFailure) {
        var reader = ByteReader(content)
        try reader.expectStreamVersion()
        let status = try reader.readByte()
        switch status {
        case 0:
            let extent = try reader.readExtent()
            let resume = try reader.readVarint()
            self = .accepted(
                StreamAcceptance(parameters: try reader.readPrefixed(), extent: extent, resume: resume))
        case 1: self = .refused(reason: try reader.readString())
        case 2: self = .busy(reason: try reader.readString())
        default: throw DecodingFailure(.invalid("status \(status)"), offset: 1)
        }
        try reader.finish()
    }
}

extension ByteWriter {
    /// What was written so far, with its length before it.
    var framed: [UInt8] {
        precondition(bytes.count <= StreamHeader.frameBytes, "a stream's frame of \(bytes.count) bytes")
        var frame = ByteWriter(capacity: 4 + bytes.count)
        frame.write(fixed: UInt32(bytes.count))
        frame.write(raw: bytes)
        return frame.bytes
    }

    mutating func write(_ extent: StreamExtent) {
        switch extent {
        case .open: write(UInt8(0))
        case .exactly(let bytes, let checksum):
            write(UInt8(1))
            write(varint: bytes)
            write(fixed: checksum)
        }
    }
}

extension ByteReader {
    mutating func expectStreamVersion() throws(DecodingFailure) {
        let version = try readByte()
        guard version == StreamHeader.version else {
            throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0)
        }
    }

    mutating func readExtent() throws(DecodingFailure) -> StreamExtent {
        switch try readByte() {
        case 0: return .open
        case 1: return .exactly(bytes: try readVarint(), checksum: try readFixed(UInt32.self))
        case let other: throw DecodingFailure(.invalid("extent \(other)"), offset: offset - 1)
        }
    }
}
