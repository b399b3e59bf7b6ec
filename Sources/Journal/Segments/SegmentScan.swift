import Host
import Primitives
import Raft

/// What the bytes of one segment say, read batch by batch up to the first that does not hold.
struct SegmentScan {
    /// How the batches end.
    enum Ending: Hashable, Sendable {
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
        var end: Int
        var batch: Batch
    }

    let head: SegmentHead
    private(set) var batchCount = 0
    /// The last batch that holds.
    private(set) var lastBatch: Found?
    /// Where the batches end.
    private(set) var end = SegmentHead.byteCount
    /// The chain and the number of the last batch that holds.
    private(set) var chain: UInt32
    private(set) var lastNumber: UInt64
    private(set) var ending = Ending.clean
    /// The largest index of its entries; zero if it has none.
    private(set) var lastIndex = LogIndex.zero

    /// - Parameter take: Gets the batches that hold, in order.
    init(_ file: any DiskFile, take: (Found) -> Void) throws(JournalError) {
        var bytes = try FileWindow(file)
        head = try SegmentHead(decoding: try bytes.read(0..<min(bytes.count, SegmentHead.byteCount)), file: file.path)
        guard bytes.count == head.segmentBytes else {
            throw .damaged(
                JournalDamage(
                    file: file.path, offset: min(bytes.count, head.segmentBytes),
                    reason: "the file has \(bytes.count) bytes, and was made with \(head.segmentBytes)"))
        }
        chain = head.firstChain
        lastNumber = head.previousBatch
        let seed = head.seed
        while let next = try Self.wholeBatch(&bytes, at: end, number: lastNumber + 1, chain: chain, seed: seed) {
            take(next.found)
            lastBatch = next.found
            lastIndex = next.found.batch.records.reduce(lastIndex) { max($0, $1.entryIndex ?? .zero) }
            batchCount += 1
            end = next.found.end
            chain = next.chain
            lastNumber += 1
        }
        ending = try judgeEnding(&bytes)
    }

    /// A later head with the segment's own checksum is proof, also if its body is lost: no batch is ever written
    /// before the one before it is durable.
    private func judgeEnding(_ bytes: inout FileWindow) throws(JournalError) -> Ending {
        guard let lastNonZero = try bytes.lastNonZero(from: end) else { return .clean }
        let seed = head.seed
        var proof: BatchHead?
        var lastIndex: LogIndex?
        // Damage may hide where the next batch starts; all start at a multiple of 8.
        var start = end
        while start <= lastNonZero {
            let step = min(FileWindow.windowBytes / 2, lastNonZero + 1 - start)
            let piece = try bytes.read(start..<min(start + step + Batch.headBytes, bytes.count))
            var next = 0
            while let offset = Batch.possibleStart(in: piece, from: next, to: step) {
                next = offset + 8
                guard let (head, _) = BatchHead.decode(piece, at: offset, seed: seed) else { continue }
                if head.number > lastNumber + 1 || head.durableBatch > lastNumber { proof = proof ?? head }
                if head.lastIndex != .zero { lastIndex = max(lastIndex ?? .zero, head.lastIndex) }
            }
            start += step
        }
        guard let proof else { return .torn(bytes: lastNonZero + 1 - end) }
        return .damaged(
            reason:
                "batch \(lastNumber + 1) is not whole, though batch \(proof.number) was written after it was durable",
            lastIndex: lastIndex)
    }

    /// The batch at this place, if all of it is as it was written.
    private static func wholeBatch(
        _ bytes: inout FileWindow, at offset: Int, number: UInt64, chain: UInt32, seed: Checksum
    ) throws(JournalError) -> (found: Found, chain: UInt32)? {
        let bodyStart = offset + Batch.headBytes
        guard bodyStart <= bytes.count,
            let (head, headChecksum) = BatchHead.decode(try bytes.read(offset..<bodyStart), at: 0, seed: seed),
            head.number == number, head.chain == chain, head.durableBatch < number,
            head.bodyBytes <= Batch.maximumBodyBytes
        else { return nil }
        let tailStart = bodyStart + Batch.padded(head.bodyBytes)
        let end = tailStart + Batch.tailBytes
        guard end <= bytes.count else { return nil }
        let body = try bytes.read(bodyStart..<tailStart)
        let tail = try bytes.read(tailStart..<end)
        var crc = seed
        crc.update(body)
        guard UInt32(littleEndian: tail, at: 0) == crc.value, UInt32(littleEndian: tail, at: 4) == 0,
            UInt64(littleEndian: tail, at: 8) == number,
            let records = decodeBody(Array(body[..<head.bodyBytes]), head: head)
        else { return nil }
        let batch = Batch(number: number, records: records)
        return (
            Found(offset: offset, end: end, batch: batch),
            Batch.link(chain, head: headChecksum, body: crc.value)
        )
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
