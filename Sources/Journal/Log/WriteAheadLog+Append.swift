import Host
import Primitives
import Raft

extension WriteAheadLog {
    /// Makes everything given durable, in order, with one write and one sync (one more for each snapshot among it).
    ///
    /// Overwritten entries are dropped before they are written. A commit index that comes alone is not written at once
    /// unless asked for, because it can be learnt again; it goes with the next batch or ``seal()``. If this throws
    /// ``JournalError/outOfSpace(_:)``, none of the writes since the last snapshot among them was done, and the same
    /// call may be made again.
    ///
    /// Stops the program if what is given contradicts what is there: a gap, a term that goes back, or a commit index
    /// behind the one given before, a second vote in a term, an entry within the snapshot. A commit index behind that
    /// of the node's own snapshot is raised to it: the mark may have overtaken a write that waited for room.
    ///
    /// - Throws: Also ``JournalError/disk(_:)``, after which the log has stopped, and ``JournalError/stopped``.
    public func append(_ writes: [JournalWrite]) throws(JournalError) {
        guard !hasStopped else { throw .stopped }
        var group = Group()
        var given = givenCommit
        for write in writes {
            var write = write
            if let state = write.hardState {
                precondition(state.commit >= given, "commit index \(state.commit) after \(given)")
                given = state.commit
                write.hardState?.commit = max(state.commit, hardState.commit)
            }
            if let snapshot = write.snapshot {
                try commit(group)
                group = Group()
                try install(snapshot, hardState: write.hardState, entries: write.entries)
            } else {
                group.add(write)
            }
        }
        try commit(group)
        givenCommit = given
    }

    /// Writes an empty batch if the last one holds data: so it is proven that this was durable, and damage to it can't
    /// pass for an interrupted write. To be called once when nothing was written for a while.
    ///
    /// - Throws: ``JournalError/disk(_:)``, after which the log has stopped, and ``JournalError/stopped``.
    public func seal() throws(JournalError) {
        guard !hasStopped else { throw .stopped }
        guard needsSeal else { return }
        let records: [JournalRecord] = hardState.commit > commitOnDisk ? [.hardState(hardState)] : []
        // A seal is worth no new segment: what comes next proves as much.
        if offset + Batch.byteCount(of: records) <= head.segmentBytes - Batch.closingBytes {
            try write(records)
            statistics.seals += 1
        }
        needsSeal = false
    }

    /// Whether ``seal()`` would write.
    public var isSealed: Bool { !needsSeal }

    /// Several writes as one.
    private struct Group {
        var hardState: HardState?
        var entries: [Entry] = []
        var writesCommit = false

        mutating func add(_ write: JournalWrite) {
            hardState = write.hardState ?? hardState
            writesCommit = writesCommit || write.writesCommit
            guard let first = write.entries.first else { return }
            while let last = entries.last, last.index >= first.index { entries.removeLast() }
            entries.append(contentsOf: write.entries)
        }
    }

    private func commit(_ group: Group) throws(JournalError) {
        check(group.hardState, entries: group.entries, after: last.index, snapshot: snapshots.first?.index ?? .zero)
        if group.entries.isEmpty {
            let next = group.hardState ?? hardState
            let isUrgent = group.writesCommit && next.commit > commitOnDisk
            if next.term == hardState.term && next.vote == hardState.vote && !isUrgent {
                needsSeal = needsSeal || next != hardState
                hardState = next
                return
            }
        }
        try makeDurable(hardState: group.hardState, marker: nil, entries: group.entries)
    }

    /// Writes one batch: the hard state first, then the marker, then the entries.
    func makeDurable(
        hardState next: HardState?, marker: JournalRecord?, entries: [Entry]
    ) throws(JournalError) {
        let state = next ?? hardState
        var records: [JournalRecord] = []
        records.reserveCapacity(entries.count + 2)
        if next != nil || state.commit > commitOnDisk { records.append(.hardState(state)) }
        if let marker { records.append(marker) }
        for entry in entries { records.append(.entry(entry)) }
        try makeRoom(bytes: Batch.byteCount(of: records), hasEntries: !entries.isEmpty)
        try write(records)
        hardState = state
        if let entry = entries.last { last = LogPosition(term: entry.term, index: entry.index) }
        statistics.entries += entries.count
        needsSeal = true
    }

    private func write(_ records: [JournalRecord]) throws(JournalError) {
        let (bytes, nextChain) = Batch.encode(
            number: lastBatch + 1, records: records, chain: chain, seed: head.seed)
        precondition(offset + bytes.count <= head.segmentBytes, "\(bytes.count) bytes at \(offset) of \(file.path)")
        try fatally { () throws(DiskError) in try file.append(bytes, at: offset) }
        offset += bytes.count
        chain = nextChain
        lastBatch += 1
        statistics.batches += 1
        statistics.bytesWritten += bytes.count
        for record in records {
            switch record {
            case .hardState(let state): commitOnDisk = state.commit
            case .entry(let entry):
                segments[segments.count - 1].lastIndex = max(segments[segments.count - 1].lastIndex, entry.index)
            case .snapshotSaved, .snapshotInstalled, .continued: break
            }
        }
    }

    /// The properties that recovery demands of what it reads, demanded of what is written.
    func check(_ next: HardState?, entries: [Entry], after lastIndex: LogIndex, snapshot: LogIndex) {
        let state = next ?? hardState
        precondition(
            state.term >= hardState.term && state.commit >= hardState.commit, "\(state) after \(hardState)")
        precondition(
            state.term > hardState.term || hardState.vote == nil || state.vote == hardState.vote,
            "a second vote: \(state) after \(hardState)")
        var previous: Entry?
        for entry in entries {
            if let previous {
                precondition(
                    entry.index == previous.index.next && entry.term >= previous.term,
                    "entry \(entry.index) of term \(entry.term) after \(previous.index) of term \(previous.term)")
            } else {
                precondition(
                    entry.index > snapshot && entry.index <= lastIndex.next,
                    "entry \(entry.index) after snapshot \(snapshot) and a log up to \(lastIndex)")
            }
            previous = entry
        }
        let end = previous?.index ?? lastIndex
        precondition(state.commit <= end, "commit \(state.commit) beyond the log's end \(end)")
        precondition(previous.map { $0.term <= state.term } ?? true, "an entry of a term after \(state.term)")
    }
}
