package import Fleet
package import Primitives
import Wire

/// What a normal entry of the log holds: the request it answers, and the command.
package struct LogRecord: Equatable {
    private static let version: UInt8 = 1

    package var request: RequestID
    package var envelope: CommandEnvelope

    package init(request: RequestID, envelope: CommandEnvelope) {
        self.request = request
        self.envelope = envelope
    }

    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.version)
        writer.write(fixed: request.high)
        writer.write(fixed: request.low)
        writer.write(raw: CommandCodec.encode(envelope))
        return writer.bytes
    }

    /// - Throws: For bytes that no record has, and for an unknown format version, also of the command.
    package init(_ bytes: [UInt8]) throws(DecodingFailure) {
        var reader = ByteReader(bytes)
        let version = try reader.readByte()
        guard version == Self.version else { throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0) }
        let high = try reader.readFixed(UInt64.self)
        request = RequestID(high: high, low: try reader.readFixed(UInt64.self))
        envelope = try CommandCodec.decode(try reader.readRaw(reader.remaining))
    }
}
