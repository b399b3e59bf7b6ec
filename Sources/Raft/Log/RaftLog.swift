/// The log as one: what is stored, what is not stored yet, and how far it is committed and applied.
///
/// Always `applied <= applying <= committed <= lastIndex`.
struct RaftLog: Equatable, Sendable {
    var storage: MemoryStorage
    private(set) var unstable: Unstable
    /// The highest index known to be on a majority.
    private(set) var committed: LogIndex
    /// The highest index handed out to be applied.
    private(set) var applying: LogIndex
    /// The highest index that the state machine has applied.
    private(set) var applied: LogIndex
    /// How many bytes may be handed out and not applied.
    private let maxApplyingBytes: UInt64
    private var applyingBytes: UInt64 = 0
    private var applyingIsPaused = false

    init(storage: MemoryStorage, maxApplyingBytes: UInt64) {
        self.storage = storage
        unstable = Unstable(offset: storage.lastIndex.next)
        committed = storage.firstIndex.previous
        applying = committed
        applied = committed
        self.maxApplyingBytes = maxApplyingBytes
    }

    // MARK: Reading

    var firstIndex: LogIndex { unstable.firstIndex ?? storage.firstIndex }
    var lastIndex: LogIndex { unstable.lastIndex ?? storage.lastIndex }

    var lastPosition: LogPosition {
        let index = lastIndex
        guard let term = term(at: index) else { preconditionFailure("the last entry \(index) has no term") }
        return LogPosition(term: term, index: index)
    }

    /// The term of an entry, or nil if it is compacted or not there yet.
    func term(at index: LogIndex) -> Term? {
        if let term = unstable.term(at: index) { return term }
        guard index.rawValue &+ 1 >= firstIndex.rawValue && index <= lastIndex else { return nil }
        return storage.term(at: index)
    }

    /// Whether the entry at this position is the one here.
    func matches(_ position: LogPosition) -> Bool { term(at: position.index) == position.term }

    /// Whether a log that ends there holds at least what this one may have committed (Raft, section 5.4.1).
    func isUpToDate(_ other: LogPosition) -> Bool {
        let last = lastPosition
        return other.term > last.term || (other.term == last.term && other.index >= last.index)
    }

    /// Entries from `low` on, as many as fit into `maxBytes`, at least one; nil if `low` is compacted.
    func entries(from low: LogIndex, maxBytes: UInt64) -> [Entry]? {
        low > lastIndex ? [] : slice(low, lastIndex.next, maxBytes: maxBytes)
    }

    /// Entries in `low ..< high`, as many as fit into `maxBytes`, at least one; nil if `low` is compacted.
    func slice(_ low: LogIndex, _ high: LogIndex, maxBytes: UInt64) -> [Entry]? {
        guard low >= firstIndex else { return nil }
        precondition(low <= high && high <= lastIndex.next, "slice \(low)..<\(high) of \(firstIndex)...\(lastIndex)")
        guard low < high else { return [] }
        if low >= unstable.offset { return Array(unstable.slice(low, high).limited(to: maxBytes)) }

        let cut = min(high, unstable.offset)
        guard let stored = try? storage.entries(low, cut, maxBytes: maxBytes) else {
            preconditionFailure("entries \(low)..<\(cut) are missing from the storage")
        }
        // The storage gave less than asked for: the limit is reached.
        if high <= unstable.offset || stored.count < cut - low { return Array(stored) }
        guard maxBytes != .max else { return Array(stored) + unstable.slice(unstable.offset, high) }
        let bytes = stored.limitedBytes
        guard bytes < maxBytes else { return Array(stored) }
        let rest = unstable.slice(unstable.offset, high).limited(to: maxBytes - bytes)
        // The "at least one" of the second part does not apply here.
        if rest.count == 1 && bytes + rest.limitedBytes > maxBytes { return Array(stored) }
        return Array(stored) + rest
    }

    /// Where this log and one whose term at `index` is `term` can agree at the latest: the largest index up to `index`
    /// whose term here is at most `term`; the term is nil where this log no longer tells.
    func conflict(upTo index: LogIndex, term: Term) -> (index: LogIndex, term: Term?) {
        var index = index
        while index > .zero {
            guard let here = self.term(at: index) else { return (index, nil) }
            if here <= term { return (index, here) }
            index = index.previous
        }
        return (.zero, .zero)
    }

    /// Whether any entry in `low ..< high` changes the membership, looked at in pieces of `pageBytes`.
    func containsMembershipChange(_ low: LogIndex, _ high: LogIndex, pageBytes: UInt64) -> Bool {
        var low = low
        while low < high {
            guard let page = slice(low, high, maxBytes: pageBytes), !page.isEmpty else {
                preconditionFailure("committed entries \(low)..<\(high) are missing")
            }
            if page.contains(where: \.isMembershipChange) { return true }
            low = low + page.count
        }
        return false
    }

    // MARK: Growing

    /// Appends a leader's own entries.
    mutating func append(_ entries: ArraySlice<Entry>, trace: inout Trace) {
        guard let first = entries.first?.index else { return }
        precondition(first > committed, "entry \(first) would replace a committed one (commit index \(committed))")
        unstable.replaceTail(with: entries, trace: &trace)
    }

    /// The first of a leader's entries that this log does not hold; nil if it holds them all.
    func firstMissing(_ entries: [Entry], trace: inout Trace) -> Int? {
        for (offset, entry) in entries.enumerated() {
            let here = term(at: entry.index)
            if here == entry.term { continue }
            if entry.index <= lastIndex {
                trace.record(
                    .foundConflict(index: entry.index, existing: here ?? .zero, conflicting: entry.term))
            }
            return offset
        }
        return nil
    }

    /// Raises the commit index; lower values are out of date.
    mutating func commit(to index: LogIndex) {
        guard index > committed else { return }
        precondition(index <= lastIndex, "commit index \(index) is beyond the last entry \(lastIndex)")
        committed = index
    }

    /// Starts over from a snapshot that is not stored yet.
    mutating func restore(_ snapshot: Snapshot, trace: inout Trace) {
        trace.record(.startsRestore(marks: marks, snapshot: snapshot.metadata.position))
        committed = snapshot.index
        unstable.restore(snapshot)
    }

    var marks: TraceEvent.LogMarks {
        TraceEvent.LogMarks(
            committed: committed, applied: applied, applying: applying, unstableOffset: unstable.offset,
            unstableOffsetInProgress: unstable.offsetInProgress, unstableCount: unstable.entries.count)
    }

    // MARK: Storing

    mutating func acceptUnstable() { unstable.acceptInProgress() }

    mutating func stabilize(to position: LogPosition, trace: inout Trace) {
        unstable.stabilize(to: position, trace: &trace)
    }

    mutating func stabilizeSnapshot(_ index: LogIndex) { unstable.stabilizeSnapshot(index) }

    // MARK: Applying

    /// How far entries may be applied: with `allowUnstable` also those that this node has not stored itself.
    private func applicable(allowUnstable: Bool) -> LogIndex {
        allowUnstable ? committed : min(committed, unstable.offset.previous)
    }

    func hasNextCommitted(allowUnstable: Bool) -> Bool {
        !applyingIsPaused && unstable.snapshot == nil && applying < applicable(allowUnstable: allowUnstable)
    }

    /// The next entries to be applied.
    func nextCommitted(allowUnstable: Bool) -> [Entry] {
        guard hasNextCommitted(allowUnstable: allowUnstable) else { return [] }
        let end = applicable(allowUnstable: allowUnstable).next
        guard let entries = slice(applying.next, end, maxBytes: maxApplyingBytes - applyingBytes) else {
            preconditionFailure("entry \(applying.next) is compacted before it was applied")
        }
        return entries
    }

    /// Notes that the entries up to `index` were handed out to be applied.
    mutating func acceptApplying(to index: LogIndex, bytes: UInt64, allowUnstable: Bool) {
        precondition(index <= committed, "entry \(index) is handed out but only \(committed) is committed")
        applying = index
        applyingBytes = applyingBytes.addingReportingOverflow(bytes).partialValue
        // Pause when the limit is reached, or was what kept more from being handed out.
        applyingIsPaused =
            applyingBytes >= maxApplyingBytes || index < applicable(allowUnstable: allowUnstable)
    }

    /// Notes that the entries up to `index` are applied.
    mutating func applied(to index: LogIndex, bytes: UInt64) {
        precondition(
            applied <= index && index <= committed,
            "applied index \(index) is not between \(applied) and the commit index \(committed)")
        applied = index
        applying = max(applying, index)
        applyingBytes -= min(applyingBytes, bytes)
        applyingIsPaused = applyingBytes >= maxApplyingBytes
    }
}
