import Host
import Primitives
import Raft

extension JournalReading {
    /// The log and its newest readable snapshot, put together and checked against each other.
    ///
    /// - Parameter objection: Why the state machine can't take a snapshot whose bytes are as they were written; nil if
    ///   it can.
    func result(
        _ disk: any Disk, objection: (JournalSnapshot) -> String?
    ) throws(JournalError) -> RecoveredJournal {
        let (snapshot, unreadable) = try readSnapshot(disk, objection)
        var hardState = replay.hardState
        let base = snapshot?.snapshot.metadata.position ?? .zero
        // What a snapshot includes was applied, so it was committed.
        hardState.commit = max(hardState.commit, base.index)
        let entries = try entries(after: base, unreadable: unreadable)
        let recovered = RecoveredJournal(
            identity: segments[0].scan.head.identity, hardState: hardState, snapshot: snapshot, entries: entries,
            bytesCut: bytesCut, unreadableSnapshot: unreadable)
        try check(recovered)
        return recovered
    }

    /// How much of an interrupted write stands at the end.
    var bytesCut: Int {
        segments.suffix(hasUnannouncedSegment ? 2 : 1).reduce(0) { sum, segment in
            guard case .torn(let bytes) = segment.scan.ending else { return sum }
            return sum + bytes
        }
    }

    /// The newest snapshot that the log names; if that is damaged, the one before it.
    private func readSnapshot(
        _ disk: any Disk, _ objection: (JournalSnapshot) -> String?
    ) throws(JournalError) -> (snapshot: JournalSnapshot?, unreadable: JournalDamage?) {
        guard let newest = replay.snapshots.first else { return (nil, nil) }
        do {
            return (try read(newest, disk, objection), nil)
        } catch {
            guard case .damaged(let damage) = error, replay.snapshots.count > 1 else { throw error }
            do {
                return (try read(replay.snapshots[1], disk, objection), damage)
            } catch .damaged {
                // Both are bad; the newest is the one that matters.
                throw error
            }
        }
    }

    private func read(
        _ position: LogPosition, _ disk: any Disk, _ objection: (JournalSnapshot) -> String?
    ) throws(JournalError) -> JournalSnapshot {
        let content = try SnapshotFile.read(
            position, of: segments[0].scan.head.identity.clusterID, on: disk, in: directory)
        guard let reason = objection(content) else { return content }
        throw .damaged(
            JournalDamage(
                file: JournalFileName.snapshot(position).path(in: directory), offset: 0,
                reason: "the snapshot of index \(position.index) \(reason)"))
    }

    private func entries(
        after base: LogPosition, unreadable: JournalDamage?
    ) throws(JournalError) -> [Entry] {
        guard replay.firstIndex <= base.index.next else {
            let missing = JournalDamage(
                file: segments[0].path, offset: 0, firstIndex: base.index.next.rawValue,
                lastIndex: replay.firstIndex.rawValue - 1,
                reason: "the log begins at \(replay.firstIndex), the snapshot ends at \(base.index)")
            throw .damaged(unreadable ?? missing)
        }
        guard replay.lastIndex >= base.index else {
            throw .damaged(
                JournalDamage(
                    file: segments[segments.count - 1].path, offset: segments[segments.count - 1].scan.end,
                    firstIndex: replay.lastIndex.next.rawValue, lastIndex: base.index.rawValue,
                    reason: "the log ends at \(replay.lastIndex), before its snapshot of index \(base.index)"))
        }
        let skipped = Int(base.index.next.rawValue - replay.firstIndex.rawValue)
        if skipped > 0, base.index > .zero, replay.entries[skipped - 1].term != base.term {
            throw .damaged(
                JournalDamage(
                    file: JournalFileName.snapshot(base).path(in: directory), offset: 0,
                    reason: "the snapshot ends with term \(base.term), entry \(base.index) of the log has term "
                        + "\(replay.entries[skipped - 1].term)"))
        }
        return Array(replay.entries[skipped...])
    }

    private func check(_ recovered: RecoveredJournal) throws(JournalError) {
        let state = recovered.hardState
        let last = recovered.last
        let end = segments[segments.count - 1]
        guard state.commit <= last.index else {
            throw .damaged(
                JournalDamage(
                    file: end.path, offset: end.scan.end, firstIndex: last.index.next.rawValue,
                    lastIndex: state.commit.rawValue,
                    reason: "entries up to \(state.commit) are committed, but the log ends at \(last.index)"))
        }
        guard state.term >= last.term else {
            throw .damaged(
                JournalDamage(
                    file: end.path, offset: end.scan.end,
                    reason: "the node's term is \(state.term), but its last entry has term \(last.term)"))
        }
    }
}
