import Primitives
import Raft

/// The first 4,096 bytes of a segment: whose it is, what it continues, and what is known without the segments before.
///
/// Magic (8), version (4), salt (8), sequence (8), first index (8), segment bytes (8), chain before (4), batch before
/// (8), then hard state, the last two snapshots and the identity in variable length, zeros, CRC-32C (4).
struct SegmentHead: Hashable, Sendable {
    static let byteCount = 4096
    static let version: UInt32 = 1
    private static let magic = Array("BLXWAL\r\n".utf8)

    /// Random; part of every checksum in the segment, so that bytes of another log inside an entry never look like
    /// a batch of this one.
    var salt: UInt64
    /// Counts segments from 1.
    var sequence: UInt64
    /// The index after the last entry when the segment was made.
    var firstIndex: LogIndex
    /// The length of the whole file.
    var segmentBytes: Int
    /// The chain after the last batch of the segment before; zero in the first.
    var previousChain: UInt32
    /// The number of the last batch of the segment before; zero in the first.
    var previousBatch: UInt64
    var hardState: HardState
    /// The last two snapshots that the log knows, newest first.
    var snapshots: [LogPosition]
    var identity: JournalIdentity

    /// The whole head, ending in its checksum.
    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.write(raw: Self.magic)
        writer.write(fixed: Self.version)
        writer.write(fixed: salt)
        writer.write(fixed: sequence)
        writer.write(fixed: firstIndex.rawValue)
        writer.write(fixed: UInt64(segmentBytes))
        writer.write(fixed: previousChain)
        writer.write(fixed: previousBatch)
        writer.write(hardState)
        writer.write(list: snapshots) { writer, position in
            writer.write(varint: position.index.rawValue)
            writer.write(varint: position.term.rawValue)
        }
        writer.write(identity.clusterID)
        writer.write(varint: identity.nodeID.rawValue)
        writer.write(varint: identity.incarnation)
        let zeros = Self.byteCount - 4 - writer.bytes.count
        precondition(zeros >= 0, "a segment head of \(writer.bytes.count) bytes")
        writer.write(raw: [UInt8](repeating: 0, count: zeros))
        writer.write(fixed: Checksum.of(writer.bytes))
        return writer.bytes
    }

    init(
        salt: UInt64, sequence: UInt64, firstIndex: LogIndex, segmentBytes: Int, previousChain: UInt32,
        previousBatch: UInt64, hardState: HardState, snapshots: [LogPosition], identity: JournalIdentity
    ) {
        self.salt = salt
        self.sequence = sequence
        self.firstIndex = firstIndex
        self.segmentBytes = segmentBytes
        self.previousChain = previousChain
        self.previousBatch = previousBatch
        self.hardState = hardState
        self.snapshots = snapshots
        self.identity = identity
    }

    /// Reads a head from the start of a segment's bytes.
    init(decoding bytes: [UInt8], file: String) throws(JournalError) {
        func damage(_ reason: String) -> JournalError { .damaged(JournalDamage(file: file, offset: 0, reason: reason)) }
        guard bytes.count >= Self.byteCount else { throw damage("the segment is shorter than its head") }
        let head = Array(bytes[..<Self.byteCount])
        let stored = UInt32(littleEndian: head, at: Self.byteCount - 4)
        let isIntact = Checksum.of(head[..<(Self.byteCount - 4)]) == stored
        guard isIntact, Array(head[..<8]) == Self.magic else {
            throw damage("the segment's head does not match its checksum")
        }
        // The place and meaning of magic, version and checksum are the same in every version.
        let version = UInt32(littleEndian: head, at: 8)
        guard version == Self.version else { throw .unknownVersion(file: file, version: version) }
        do {
            try self.init(fields: Array(head[12..<(Self.byteCount - 4)]))
        } catch {
            throw damage("the segment's head has a value that no program writes: \(error)")
        }
    }

    private init(fields: [UInt8]) throws(DecodingFailure) {
        var reader = ByteReader(fields)
        salt = try reader.readFixed(UInt64.self)
        sequence = try reader.readFixed(UInt64.self)
        firstIndex = LogIndex(try reader.readFixed(UInt64.self))
        segmentBytes = Int(clamping: try reader.readFixed(UInt64.self))
        previousChain = try reader.readFixed(UInt32.self)
        previousBatch = try reader.readFixed(UInt64.self)
        hardState = try reader.readHardState()
        snapshots = try reader.readList { reader throws(DecodingFailure) in
            let index = LogIndex(try reader.readVarint())
            return LogPosition(term: Term(try reader.readVarint()), index: index)
        }
        let clusterID = try reader.readString()
        let nodeID = try reader.readNodeID()
        guard let nodeID, (1...JournalIdentity.maximumClusterIDBytes).contains(clusterID.utf8.count) else {
            throw DecodingFailure(.invalid("an empty identity"), offset: reader.offset)
        }
        identity = JournalIdentity(clusterID: clusterID, nodeID: nodeID, incarnation: try reader.readVarint())
        guard try reader.readRaw(reader.remaining).lastNonZero == nil else {
            throw DecodingFailure(.invalid("bytes after the last field"), offset: reader.offset)
        }
    }

    /// Where every checksum of the segment starts.
    var seed: Checksum {
        var crc = Checksum()
        crc.update(salt)
        return crc
    }

    /// The chain before the first batch: it covers this head through its checksum, and every batch before through
    /// `previousChain`.
    var firstChain: UInt32 {
        var crc = Checksum(continuing: previousChain)
        crc.update(encoded()[(Self.byteCount - 4)...])
        return crc.value
    }
}

extension FixedWidthInteger {
    /// The integer whose bytes, least significant first, stand at this place.
    init(littleEndian bytes: [UInt8], at offset: Int) {
        precondition(
            offset >= 0 && offset + MemoryLayout<Self>.size <= bytes.count, "offset \(offset) of \(bytes.count) bytes")
        self = bytes.withUnsafeBytes { Self(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Self.self)) }
    }
}
