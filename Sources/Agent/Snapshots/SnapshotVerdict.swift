import Primitives

/// What the receiver of a snapshot says at the end.
enum SnapshotVerdict: Equatable, Sendable {
    /// All of it is here, was understood, and is consensus' now.
    case delivered
    case refused(reason: String)

    /// The longest that is read.
    static let limitBytes = 4096
    private static let version: UInt8 = 1

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.version)
        switch self {
        case .delivered: writer.write(UInt8(0))
        case .refused(let reason):
            writer.write(UInt8(1))
            writer.write(String(reason.prefix(500)))
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(DecodingFailure) {
        var reader = ByteReader(bytes)
        let version = try reader.readByte()
        guard version == Self.version else { throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0) }
        switch try reader.readByte() {
        case 0: self = .delivered
        case 1: self = .refused(reason: try reader.readString())
        case let other: throw DecodingFailure(.invalid("verdict \(other)"), offset: 1)
        }
        try reader.finish()
    }
}
