import Primitives
import Raft
import Wire

/// What a leader says before it streams a snapshot: consensus' own message, and which bytes are to come.
///
/// Equal states have equal bytes, on every node. So what identifies a transfer is the place in the log and the
/// bytes' length and checksum, and one that began at one leader goes on at the next.
struct SnapshotOffer: Equatable, Sendable {
    /// The kind of its stream.
    static let kind = "raft-snapshot"
    private static let version: UInt8 = 1
    /// The longest snapshot that a node takes.
    static let limitBytes = 4 << 30

    var clusterID: String
    /// Of kind ``Message/Kind/snapshot``, without the snapshot's data.
    var message: Message
    var metadata: SnapshotMetadata
    var dataBytes: Int
    /// CRC-32C of the data.
    var checksum: UInt32

    /// Looks at all bytes of the snapshot; not for the replica's thread.
    init(_ message: Message, _ snapshot: Snapshot, clusterID: String) {
        self.clusterID = clusterID
        self.message = message
        self.message.snapshot?.data = []
        metadata = snapshot.metadata
        dataBytes = snapshot.data.count
        checksum = CRC32C.checksum(snapshot.data)
    }

    var chunks: SnapshotChunks { SnapshotChunks(dataBytes: dataBytes) }

    /// The name of the file that holds what has arrived of it.
    var fileName: String {
        let place = [metadata.index.rawValue, metadata.term.rawValue, UInt64(dataBytes), UInt64(checksum)]
        return "snap-" + place.map { String($0, radix: 16) }.joined(separator: "-") + Self.fileSuffix
    }

    static let fileSuffix = ".part"

    /// The index of the snapshot that a file of that name holds a part of; nil for a foreign name.
    static func index(inFileName name: String) -> LogIndex? {
        guard name.hasPrefix("snap-"), name.hasSuffix(fileSuffix) else { return nil }
        let parts = name.dropFirst(5).dropLast(fileSuffix.count).split(separator: "-")
        guard parts.count == 4, let index = UInt64(parts[0], radix: 16) else { return nil }
        return LogIndex(index)
    }

    /// The message as consensus knows it.
    func message(with data: [UInt8]) -> Message {
        var message = message
        message.snapshot = Snapshot(metadata: metadata, data: data)
        return message
    }
}

extension SnapshotOffer {
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 512)
        writer.write(Self.version)
        writer.write(clusterID)
        writer.write(varint: dataBytes)
        writer.write(fixed: checksum)
        writer.write(prefixed: MessageCodec.encode(message))
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(DecodingFailure) {
        var reader = ByteReader(bytes)
        let version = try reader.readByte()
        guard version == Self.version else { throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 0) }
        clusterID = try reader.readString()
        let length = try reader.readVarint()
        guard length <= UInt64(Self.limitBytes) else {
            throw DecodingFailure(.invalid("a snapshot of \(length) bytes"), offset: reader.offset)
        }
        dataBytes = Int(length)
        checksum = try reader.readFixed(UInt32.self)
        message = try MessageCodec.decode(try reader.readPrefixed())
        guard message.kind == .snapshot, let snapshot = message.snapshot, snapshot.data.isEmpty else {
            throw DecodingFailure(.invalid("a \(message.kind) message"), offset: reader.offset)
        }
        metadata = snapshot.metadata
        try reader.finish()
    }
}
