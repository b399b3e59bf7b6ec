import Glibc
import Primitives
import Raft

/// What the bytes of one segment say, read batch by batch up to the first that does not hold.
struct SegmentScan {
    /// How the batches end.
    enum Ending: Hashable {
        /// Only zeros follow.
        case clean
        /// Something follows that is no whole batch, and nothing proves that it ever was one: the write that a crash
        /// interrupted. So many bytes from the end of the last batch to the last byte that is not zero.
        case torn(bytes: Int)
        /// A later batch proves that what stands here was durable once.
        case damaged(reason: String, lastIndex: LogIndex?)
    }

    /// A batch that holds.
    struct Found {
        var offset: Int
        var batch: Batch
    }

    let head: SegmentHead
    private(set) var batches: [Found] = []
    /// Where the batches end.
    private(set) var end = SegmentHead.byteCount
    /// The chain and the number of the last batch that holds.
    private(set) var chain: UInt32
    private(set) var lastNumber: UInt64
    private(set) var ending = Ending.clean

    /// - Parameter bytes: The whole file.
    init(_ bytes: [UInt8], file: String) throws(JournalError) {
        head = try SegmentHead(decoding: bytes, file: file)
        guard bytes.count == head.segmentBytes else {
            throw .damaged(
                JournalDamage(
                    file: file, offset: min(bytes.count, head.segmentBytes),
                    reason: "the file has \(bytes.count) bytes, and was made with \(head.segmentBytes)"))
        }
        chain = head.firstChain(bytes)
        lastNumber = head.previousBatch
        let seed = head.seed
        while let next = Self.wholeBatch(bytes, at: end, number: lastNumber + 1, chain: chain, seed: seed) {
            batches.append(Found(offset: end, batch: next.batch))
            end = next.end
            chain = next.chain
            lastNumber += 1
        }
        ending = judgeEnding(bytes, seed: seed)
    }

    /// A later head with the segment's own checksum is proof, also if its body is lost: no batch is ever written
    /// before the one before it is durable.
    private func judgeEnding(_ bytes: [UInt8], seed: CRC32C) -> Ending {
        guard let lastNonZero = bytes.lastNonZero(from: end) else { return .clean }
        var proof: BatchHead?
        var lastIndex: LogIndex?
        // Damage may hide where the next batch starts; all start at a multiple of 8.
        var offset = end
        while offset <= lastNonZero {
            if let (head, _) = BatchHead.decode(bytes, at: offset, seed: seed) {
                if head.number > lastNumber + 1 || head.durableBatch > lastNumber { proof = proof ?? head }
                if head.lastIndex != .zero { lastIndex = max(lastIndex ?? .zero, head.lastIndex) }
            }
            offset += 8
        }
        guard let proof else { return .torn(bytes: lastNonZero + 1 - end) }
        return .damaged(
            reason:
                "batch \(lastNumber + 1) is not whole, though batch \(proof.number) was written after it was durable",
            lastIndex: lastIndex)
    }

    /// The batch at this place, if all of it is as it was written.
    private static func wholeBatch(
        _ bytes: [UInt8], at offset: Int, number: UInt64, chain: UInt32, seed: CRC32C
    ) -> (batch: Batch, end: Int, chain: UInt32)? {
        guard let (head, headChecksum) = BatchHead.decode(bytes, at: offset, seed: seed), head.number == number,
            head.chain == chain, head.durableBatch < number, head.bodyBytes <= Batch.maximumBodyBytes
        else { return nil }
        let bodyStart = offset + Batch.headBytes
        let tailStart = bodyStart + Batch.padded(head.bodyBytes)
        let end = tailStart + Batch.tailBytes
        guard end <= bytes.count, UInt32(littleEndian: bytes, at: tailStart + 4) == 0,
            UInt64(littleEndian: bytes, at: tailStart + 8) == number
        else { return nil }
        let bodyChecksum = UInt32(littleEndian: bytes, at: tailStart)
        var crc = seed
        crc.update(bytes[bodyStart..<tailStart])
        guard crc.value == bodyChecksum,
            let records = decodeBody(Array(bytes[bodyStart..<(bodyStart + head.bodyBytes)]), head: head)
        else { return nil }
        let batch = Batch(number: number, records: records)
        return (batch, end, Batch.link(chain, head: headChecksum, body: bodyChecksum))
    }

    /// The records of a body whose checksum is right; nil if they are not what the head announces.
    private static func decodeBody(_ body: [UInt8], head: BatchHead) -> [JournalRecord]? {
        var reader = ByteReader(body)
        var records: [JournalRecord] = []
        do {
            while !reader.isAtEnd { records.append(try JournalRecord(from: &reader)) }
        } catch {
            return nil
        }
        guard records.count == head.recordCount, BatchHead.indexes(of: records) == (head.firstIndex, head.lastIndex)
        else { return nil }
        return records
    }
}

extension [UInt8] {
    /// Where the last byte stands that is not zero, at `start` or after it.
    func lastNonZero(from start: Int) -> Int? {
        let zeros = [UInt8](repeating: 0, count: 4096)
        return withUnsafeBytes { buffer -> Int? in
            guard let base = buffer.baseAddress else { return nil }
            var end = buffer.count
            while end > start {
                // Most of a segment is zeros, and libc compares a block of them fast.
                let block = Swift.max(start, end - zeros.count)
                if memcmp(base + block, zeros, end - block) != 0 {
                    return (block..<end).last { buffer[$0] != 0 }
                }
                end = block
            }
            return nil
        }
    }
}
