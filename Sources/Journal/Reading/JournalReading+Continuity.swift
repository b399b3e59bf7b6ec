import Primitives
import Raft

extension JournalReading {
    /// That the segment is the one its name says.
    static func check(_ segment: Segment, sequence: UInt64, firstIndex: LogIndex) throws(JournalError) {
        let head = segment.scan.head
        guard head.sequence == sequence, head.firstIndex == firstIndex else {
            throw .damaged(
                JournalDamage(file: segment.path, offset: 0, reason: "the file was made under another name"))
        }
    }

    /// That a segment goes on where the one before it ends; true if a crash came before it was announced there.
    static func check(
        _ segment: Segment, continues previous: Segment, replay: LogReplay, isLast: Bool
    ) throws(JournalError) -> Bool {
        let head = segment.scan.head
        let before = previous.scan
        guard head.sequence == before.head.sequence + 1 else {
            throw .damaged(
                JournalDamage(
                    file: segment.path, offset: 0, firstIndex: replay.lastIndex.next.rawValue,
                    lastIndex: head.firstIndex.rawValue - 1,
                    reason: "segment \(before.head.sequence + 1) of the log is not there"))
        }
        guard head.identity == before.head.identity else {
            throw .wrongIdentity(file: segment.path, expected: before.head.identity, found: head.identity)
        }
        let isUnannounced = isLast && isUnannounced(segment, after: before)
        if !isUnannounced {
            try checkEnding(of: previous, replay: replay, mayBeTorn: false)
            guard before.announces == head.sequence, head.previousChain == before.chain,
                head.previousBatch == before.lastNumber
            else {
                throw .damaged(
                    JournalDamage(
                        file: previous.path, offset: before.end, firstIndex: replay.lastIndex.next.rawValue,
                        reason: "it ends with batch \(before.lastNumber), but the next segment continues "
                            + "batch \(head.previousBatch)"))
            }
        }
        // The commit index may have risen without having been written before.
        guard head.firstIndex == replay.lastIndex.next, head.hardState.term == replay.hardState.term,
            head.hardState.vote == replay.hardState.vote, head.hardState.commit >= replay.hardState.commit
        else {
            throw .damaged(
                JournalDamage(
                    file: segment.path, offset: 0,
                    reason: "the segment was made for a log up to \(head.firstIndex.rawValue - 1) in term "
                        + "\(head.hardState.term), not up to \(replay.lastIndex) in term \(replay.hardState.term)"))
        }
        return isUnannounced
    }

    /// Whether this is what a crash leaves between making a segment and announcing it: the new one is empty, and of the
    /// batch that announces it nothing or a part is there.
    private static func isUnannounced(_ segment: Segment, after before: SegmentScan) -> Bool {
        let head = segment.scan.head
        guard segment.scan.batchCount == 0, segment.scan.ending == .clean, before.announces == nil else { return false }
        if case .damaged = before.ending { return false }
        let closing = before.closing
        return head.previousChain == closing.chain && head.previousBatch == before.lastNumber + 1
    }

    /// That the log ends where it may.
    static func checkEnd(_ last: Segment, replay: LogReplay) throws(JournalError) {
        try checkEnding(of: last, replay: replay, mayBeTorn: true)
        if let sequence = last.scan.announces {
            throw .damaged(
                JournalDamage(
                    file: last.path, offset: last.scan.end, firstIndex: replay.lastIndex.next.rawValue,
                    reason: "the log goes on in segment \(sequence), which is not there"))
        }
    }

    private static func checkEnding(
        of segment: Segment, replay: LogReplay, mayBeTorn: Bool
    ) throws(JournalError) {
        switch segment.scan.ending {
        case .clean: return
        case .torn where mayBeTorn && segment.scan.announces == nil: return
        case .torn(let bytes):
            throw .damaged(
                JournalDamage(
                    file: segment.path, offset: segment.scan.end, firstIndex: replay.lastIndex.next.rawValue,
                    reason: "\(bytes) bytes that are no whole batch, though another segment follows"))
        case .damaged(let reason, let lastIndex):
            throw .damaged(
                JournalDamage(
                    file: segment.path, offset: segment.scan.end, firstIndex: replay.lastIndex.next.rawValue,
                    lastIndex: lastIndex?.rawValue, reason: reason))
        }
    }
}

extension SegmentScan {
    /// The sequence number of the segment that this one says goes on.
    var announces: UInt64? {
        guard case .continued(let sequence)? = lastBatch?.batch.records.last else { return nil }
        return sequence
    }

    /// The batch that announces the next segment, if this one ends here.
    var closing: (bytes: [UInt8], chain: UInt32) {
        Batch.closing(number: lastNumber + 1, nextSequence: head.sequence + 1, chain: chain, seed: head.seed)
    }
}
