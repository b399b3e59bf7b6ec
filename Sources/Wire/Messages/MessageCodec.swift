import Fleet
public import Primitives
public import Raft

/// The messages of consensus as they travel between replicas.
///
/// One byte of format version, then the kind and every field that a travelling message can have, in the order in which
/// ``encode(_:)`` writes them. The data of entries and snapshots are copied as they are. Local messages never travel:
/// encoding one is a programmer error, and bytes that claim to be one are refused.
public enum MessageCodec {
    static let formatVersion: UInt8 = 1

    public static func encode(_ message: Message) -> [UInt8] {
        precondition(!message.kind.isLocal, "a \(message.kind) message is local to its node")
        precondition(
            message.vote == nil && message.responses.isEmpty, "a \(message.kind) message carries local work")
        let payload = message.entries.reduce(message.snapshot?.data.count ?? 0) { $0 + $1.data.count + 24 }
        var writer = ByteWriter(capacity: 96 + payload)
        writer.write(formatVersion)
        writer.write(message.kind.rawValue)
        writer.write(varint: message.from.rawValue)
        writer.write(varint: message.to.rawValue)
        writer.write(varint: message.term.rawValue)
        writer.write(varint: message.logTerm.rawValue)
        writer.write(varint: message.index.rawValue)
        writer.write(varint: message.commit.rawValue)
        writer.write(message.reject)
        writer.write(varint: message.rejectHint.rawValue)
        writer.write(prefixed: message.context)
        writer.write(list: message.entries) { $0.write(entry: $1) }
        writer.write(optional: message.snapshot) { $0.write(snapshot: $1) }
        return writer.bytes
    }

    /// Reads what ``encode(_:)`` wrote. Total, like ``CommandCodec/decode(_:)``.
    ///
    /// - Throws: For bytes that no message has, for a local message, and for an unknown format version.
    public static func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> Message {
        var reader = ByteReader(bytes)
        let message = try reader.readMessage()
        try reader.finish()
        return message
    }
}

extension ByteReader {
    fileprivate mutating func readMessage() throws(DecodingFailure) -> Message {
        let version = try readByte()
        guard version == MessageCodec.formatVersion else {
            throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0)
        }
        let kind = try readCase(Message.Kind.self)
        guard !kind.isLocal else {
            throw DecodingFailure(.invalid("a \(kind) message is local to its node"), offset: offset - 1)
        }
        var message = Message(kind, from: try readNodeID(), to: try readNodeID())
        message.term = Term(try readVarint())
        message.logTerm = Term(try readVarint())
        message.index = try readLogIndex()
        message.commit = try readLogIndex()
        message.reject = try readBool()
        message.rejectHint = try readLogIndex()
        message.context = try readPrefixed()
        message.entries = try readList { reader throws(DecodingFailure) in try reader.readEntry() }
        message.snapshot = try readOptional { reader throws(DecodingFailure) in try reader.readSnapshot() }
        return message
    }
}
