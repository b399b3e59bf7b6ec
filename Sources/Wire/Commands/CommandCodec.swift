public import Fleet
public import Primitives

/// Commands as they stand in log entries and travel between replicas.
///
/// One byte of format version, then stamp, author and the command: its number and its fields. A log outlives the
/// program that wrote it, so numbers are never used again and fields are never moved, dropped or read differently. What
/// is new comes as a new number, which the leader writes only at a level that every member knows.
public enum CommandCodec {
    static let formatVersion: UInt8 = 1

    public static func encode(_ envelope: CommandEnvelope) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.write(formatVersion)
        writer.write(time: envelope.stamp)
        writer.write(optional: envelope.author) { $0.write(publicKey: $1) }
        writer.write(command: envelope.command)
        return writer.bytes
    }

    /// Reads what ``encode(_:)`` wrote. Total: bytes from anywhere give a command or a failure, and cost no more than a
    /// small multiple of their number.
    ///
    /// - Throws: For bytes that no command has, and for an unknown format version.
    public static func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> CommandEnvelope {
        var reader = ByteReader(bytes)
        let version = try reader.readByte()
        guard version == formatVersion else { throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0) }
        let envelope = CommandEnvelope(
            stamp: try reader.readTime(),
            author: try reader.readOptional { reader throws(DecodingFailure) in try reader.readPublicKey() },
            command: try reader.readCommand())
        try reader.finish()
        return envelope
    }
}
