/// What is not durable yet: entries from `offset` on, and perhaps a snapshot that replaces everything before.
///
/// A prefix of the entries, up to `offsetInProgress`, was handed out to be written; its end is not known yet.
struct Unstable: Equatable, Sendable {
    /// An incoming snapshot that is not stored yet.
    private(set) var snapshot: Snapshot?
    private(set) var entries: [Entry] = []
    /// The index of the first of `entries`, or of the next to come.
    private(set) var offset: LogIndex
    /// Whether `snapshot` was handed out to be stored.
    private(set) var snapshotInProgress = false
    /// Entries before this were handed out to be stored; never before `offset`.
    private(set) var offsetInProgress: LogIndex

    init(offset: LogIndex) {
        self.offset = offset
        offsetInProgress = offset
    }

    var end: LogIndex { offset + entries.count }

    /// The first index that the log can have, if a snapshot decides it.
    var firstIndex: LogIndex? { snapshot?.index.next }

    /// The last index, if it is decided here.
    var lastIndex: LogIndex? {
        if !entries.isEmpty { return end.previous }
        return snapshot?.index
    }

    func term(at index: LogIndex) -> Term? {
        if index < offset {
            guard let snapshot, snapshot.index == index else { return nil }
            return snapshot.term
        }
        if index < end { return entries[index - offset].term }
        return nil
    }

    /// The entries that were not handed out yet.
    var next: ArraySlice<Entry> { entries[(offsetInProgress - offset)...] }
    var hasNext: Bool { offsetInProgress < end }
    /// The snapshot, if it was not handed out yet.
    var nextSnapshot: Snapshot? { snapshotInProgress ? nil : snapshot }

    func slice(_ low: LogIndex, _ high: LogIndex) -> ArraySlice<Entry> {
        precondition(offset <= low && low <= high && high <= end, "slice \(low)..<\(high) of \(offset)..<\(end)")
        return entries[(low - offset)..<(high - offset)]
    }

    /// Notes that everything was handed out.
    mutating func acceptInProgress() {
        offsetInProgress = end
        if snapshot != nil { snapshotInProgress = true }
    }

    /// Drops the entries up to `position`, which are durable now.
    ///
    /// An acknowledgement counts only if the entry here is still the one that was written: another leader may have
    /// replaced it meanwhile, and that one again (the ABA problem), which is why the caller must have compared the
    /// terms of the node too.
    mutating func stabilize(to position: LogPosition, trace: inout Trace) {
        guard let term = term(at: position.index) else {
            trace.record(.acknowledgedEntryMissing(position.index))
            return
        }
        guard position.index >= offset else {
            trace.record(.acknowledgedEntryIsSnapshot(position.index))
            return
        }
        guard term == position.term else {
            trace.record(.acknowledgedEntryReplaced(acknowledged: position, here: term))
            return
        }
        entries.removeFirst(position.index.next - offset)
        offset = position.index.next
        offsetInProgress = max(offsetInProgress, offset)
    }

    /// Drops the snapshot of `index`, which is durable now.
    mutating func stabilizeSnapshot(_ index: LogIndex) {
        guard snapshot?.index == index else { return }
        snapshot = nil
        snapshotInProgress = false
    }

    mutating func restore(_ snapshot: Snapshot) {
        offset = snapshot.index.next
        offsetInProgress = offset
        entries = []
        self.snapshot = snapshot
        snapshotInProgress = false
    }

    /// Adds entries, in place of everything from the first of them on.
    mutating func replaceTail(with new: ArraySlice<Entry>, trace: inout Trace) {
        guard let first = new.first?.index else { return }
        if first == end {
            entries.append(contentsOf: new)
        } else if first <= offset {
            trace.record(.replacedUnstable(from: first))
            entries = Array(new)
            offset = first
            offsetInProgress = first
        } else {
            precondition(first < end, "entries from \(first) leave a gap after \(end.previous)")
            trace.record(.truncatedUnstable(before: first))
            entries.removeSubrange((first - offset)...)
            entries.append(contentsOf: new)
            // What was handed out from `first` on is void, and must be written again.
            offsetInProgress = min(offsetInProgress, first)
        }
    }
}
