import Raft

// The log, and snapshots that come.
extension TraceText {
    func logLine(_ event: TraceEvent) -> (Level, String)? {
        switch event {
        case .ignoredStaleAppendAcknowledgement(let term, let own):
            return (
                .info,
                "\(me) [term: \(own)] ignored entry appends from a MsgStorageAppendResp message with lower term "
                    + "[term: \(term)]"
            )
        case .foundConflict(let index, let existing, let conflicting):
            return (
                .info,
                "found conflict at index \(index) [existing term: \(existing), conflicting term: \(conflicting)]"
            )
        case .replacedUnstable(let index): return (.info, "replace the unstable entries from index \(index)")
        case .truncatedUnstable(let index): return (.info, "truncate the unstable entries before index \(index)")
        case .acknowledgedEntryMissing(let index):
            return (.info, "entry at index \(index) missing from unstable log; ignoring")
        case .acknowledgedEntryIsSnapshot(let index):
            return (.info, "entry at index \(index) matched unstable snapshot; ignoring")
        case .acknowledgedEntryReplaced(let position, let here):
            return (
                .info,
                "entry at (index,term)=(\(position.index),\(position.term)) mismatched with entry at "
                    + "(\(position.index),\(here)) in unstable log; ignoring"
            )
        case .rejectedAppend(let from, let previous, let here):
            return (
                .debug,
                "\(me) [logterm: \(here), index: \(previous.index)] rejected MsgApp "
                    + "[logterm: \(previous.term), index: \(previous.index)] from \(hex(from))"
            )
        case .appendRejected(let by, let index, let hint):
            return (
                .debug,
                "\(me) received MsgAppResp(rejected, hint: (index \(hint.index), term \(hint.term))) "
                    + "from \(hex(by)) for index \(index)"
            )
        case .startsRestore(let marks, let snapshot):
            return (
                .info,
                "log [committed=\(marks.committed), applied=\(marks.applied), applying=\(marks.applying), "
                    + "unstable.offset=\(marks.unstableOffset), "
                    + "unstable.offsetInProgress=\(marks.unstableOffsetInProgress), "
                    + "len(unstable.Entries)=\(marks.unstableCount)] starts to restore snapshot \(at(snapshot))"
            )
        case .restored(let commit, let last, let snapshot):
            return (.info, "\(restoring(commit, last)) restored snapshot \(at(snapshot))")
        case .fastForwarded(let commit, let last, let snapshot):
            return (.info, "\(restoring(commit, last)) fast-forwarded commit to snapshot \(at(snapshot))")
        case .tookSnapshot(let commit, let snapshot):
            return (.info, "\(me) [commit: \(commit)] restored snapshot \(at(snapshot))")
        case .ignoredSnapshot(let commit, let snapshot):
            return (.info, "\(me) [commit: \(commit)] ignored snapshot \(at(snapshot))")
        case .refusedSnapshotWithoutSelf(let state):
            return (
                .warn,
                "\(me) attempted to restore snapshot but it is not in the ConfState \(Describe.confState(state)); "
                    + "should never happen"
            )
        default: return nil
        }
    }

    private func at(_ position: LogPosition) -> String { "[index: \(position.index), term: \(position.term)]" }

    private func restoring(_ commit: LogIndex, _ last: LogPosition) -> String {
        "\(me) [commit: \(commit), lastindex: \(last.index), lastterm: \(last.term)]"
    }
}
