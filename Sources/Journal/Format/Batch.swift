import Primitives
import Raft

/// What one write and one sync make durable together.
///
/// Head (64 bytes): magic (4), flags (4), number (8), body length (4), record count (4), first index (8), last index
/// (8), last durable batch (8), chain (4), zeros (8), CRC-32C (4). Then the records, zeros up to the next multiple of
/// 8, and the tail (16): CRC-32C of body and zeros (4), zeros (4), number again (8). All little endian. Both checksums
/// start from the segment's salt.
struct Batch: Hashable, Sendable {
    static let headBytes = 64
    static let tailBytes = 16
    static let magic: UInt32 = 0x4258_4c42
    /// A body length above this is damage: nothing asks for memory before it is compared.
    static let maximumBodyBytes = 1 << 30

    /// Counts batches from 1 over all segments.
    var number: UInt64
    var records: [JournalRecord]

    /// How long a batch of these records is.
    static func byteCount(of records: [JournalRecord]) -> Int {
        headBytes + padded(bodyBytes(of: records)) + tailBytes
    }

    /// The next multiple of 8 below `end` at which there is a batch's magic.
    static func possibleStart(in bytes: [UInt8], from start: Int, to end: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            var offset = start
            while offset < end && offset + headBytes <= buffer.count {
                if UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) == magic {
                    return offset
                }
                offset += 8
            }
            return nil
        }
    }

    static func padded(_ bytes: Int) -> Int { (bytes + 7) & ~7 }

    private static func bodyBytes(of records: [JournalRecord]) -> Int {
        let bytes = records.reduce(0) { $0 + $1.encodedBytes }
        precondition(
            bytes <= maximumBodyBytes,
            "a batch of \(bytes) bytes: recovery takes one above \(maximumBodyBytes) for damage")
        return bytes
    }

    /// The bytes of the batch, and the chain after it.
    ///
    /// Lengths are known before anything is written, so that every byte is written once, into room made once.
    static func encode(
        number: UInt64, records: [JournalRecord], chain: UInt32, seed: Checksum
    ) -> (bytes: [UInt8], chain: UInt32) {
        let bodyBytes = bodyBytes(of: records)
        let indexes = BatchHead.indexes(of: records)
        let head = BatchHead(
            number: number, bodyBytes: bodyBytes, recordCount: records.count, firstIndex: indexes.first,
            lastIndex: indexes.last, durableBatch: number - 1, chain: chain)
        var writer = ByteWriter(capacity: headBytes + padded(bodyBytes) + tailBytes)
        let headChecksum = head.encode(into: &writer, seed: seed)
        for record in records { record.encode(into: &writer) }
        precondition(
            writer.bytes.count == headBytes + bodyBytes,
            "a body of \(writer.bytes.count - headBytes) bytes, not \(bodyBytes)")
        for _ in bodyBytes..<padded(bodyBytes) { writer.write(0 as UInt8) }
        var body = seed
        body.update(writer.bytes[headBytes...])
        writer.write(fixed: body.value)
        writer.write(fixed: 0 as UInt32)
        writer.write(fixed: number)
        return (writer.bytes, link(chain, head: headChecksum, body: body.value))
    }

    /// The last batch of a segment, which says that the next one is there.
    static func closing(
        number: UInt64, nextSequence: UInt64, chain: UInt32, seed: Checksum
    ) -> (bytes: [UInt8], chain: UInt32) {
        encode(number: number, records: [.continued(sequence: nextSequence)], chain: chain, seed: seed)
    }

    /// The longest that a closing batch can be; so much is always left for it.
    static let closingBytes = byteCount(of: [.continued(sequence: .max)])

    /// The chain after a batch with these checksums.
    static func link(_ chain: UInt32, head: UInt32, body: UInt32) -> UInt32 {
        var crc = Checksum(continuing: chain)
        crc.update(head)
        crc.update(body)
        return crc.value
    }
}

/// The first 64 bytes of a batch.
struct BatchHead: Hashable, Sendable {
    var number: UInt64
    var bodyBytes: Int
    var recordCount: Int
    /// The first and last index of the batch's entries; zero if it has none.
    var firstIndex: LogIndex
    var lastIndex: LogIndex
    /// The last batch that was known to be durable before this one was written.
    var durableBatch: UInt64
    /// The chain before this batch.
    var chain: UInt32

    /// Writes 64 bytes and answers their checksum.
    func encode(into writer: inout ByteWriter, seed: Checksum) -> UInt32 {
        let start = writer.bytes.count
        writer.write(fixed: Batch.magic)
        writer.write(fixed: 0 as UInt32)
        writer.write(fixed: number)
        writer.write(fixed: UInt32(bodyBytes))
        writer.write(fixed: UInt32(recordCount))
        writer.write(fixed: firstIndex.rawValue)
        writer.write(fixed: lastIndex.rawValue)
        writer.write(fixed: durableBatch)
        writer.write(fixed: chain)
        writer.write(fixed: 0 as UInt64)
        var crc = seed
        crc.update(writer.bytes[start...])
        writer.write(fixed: crc.value)
        return crc.value
    }

    /// A head at this place, with its checksum, if the bytes there are one; nothing about what follows it is checked.
    static func decode(_ bytes: [UInt8], at offset: Int, seed: Checksum) -> (head: BatchHead, checksum: UInt32)? {
        guard offset + Batch.headBytes <= bytes.count, UInt32(littleEndian: bytes, at: offset) == Batch.magic else {
            return nil
        }
        let stored = UInt32(littleEndian: bytes, at: offset + 60)
        var crc = seed
        crc.update(bytes[offset..<(offset + 60)])
        guard crc.value == stored else { return nil }
        let head = BatchHead(
            number: UInt64(littleEndian: bytes, at: offset + 8),
            bodyBytes: Int(UInt32(littleEndian: bytes, at: offset + 16)),
            recordCount: Int(UInt32(littleEndian: bytes, at: offset + 20)),
            firstIndex: LogIndex(UInt64(littleEndian: bytes, at: offset + 24)),
            lastIndex: LogIndex(UInt64(littleEndian: bytes, at: offset + 32)),
            durableBatch: UInt64(littleEndian: bytes, at: offset + 40),
            chain: UInt32(littleEndian: bytes, at: offset + 48))
        return (head, stored)
    }

    static func indexes(of records: [JournalRecord]) -> (first: LogIndex, last: LogIndex) {
        var first = LogIndex.zero
        var last = LogIndex.zero
        for case .entry(let entry) in records {
            if first == .zero { first = entry.index }
            last = entry.index
        }
        return (first, last)
    }
}
