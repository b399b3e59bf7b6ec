/// What a node has stored durably, as it stands in memory: the part of a shell's journal that consensus reads.
///
/// The shell writes here only what is durable already. In asynchronous mode
/// ``RaftNode/completeAppend(_:)`` does that.
public struct MemoryStorage: Hashable, Sendable {
    public private(set) var hardState: HardState
    /// What is sent to a member whose next entry is compacted; nil while there is none.
    ///
    /// Its membership is where a restarted node begins.
    public private(set) var snapshot: Snapshot?
    /// The entry before the first that is stored.
    public private(set) var compacted: LogPosition
    private var entries: [Entry]

    /// Creates the storage of a node that has never run.
    public init() {
        self.init(hardState: .initial, snapshot: nil, entries: [])
    }

    /// - Parameters:
    ///   - entries: Contiguous; the first is at most the one after the snapshot.
    public init(hardState: HardState, snapshot: Snapshot?, entries: [Entry]) {
        self.hardState = hardState
        self.snapshot = snapshot
        compacted = snapshot?.metadata.position ?? .zero
        self.entries = []
        for (offset, entry) in entries.enumerated() where offset > 0 {
            precondition(entry.index == entries[offset - 1].index.next, "gap in the log before \(entry.index)")
        }
        append(entries[...])
    }

    public var firstIndex: LogIndex { compacted.index.next }
    public var lastIndex: LogIndex { compacted.index + entries.count }

    public var confState: ConfState { snapshot?.metadata.confState ?? .empty }

    /// The term of an entry, or nil if it is compacted or not there yet.
    public func term(at index: LogIndex) -> Term? {
        if index == compacted.index { return compacted.term }
        guard index > compacted.index && index <= lastIndex else { return nil }
        return entries[index - firstIndex].term
    }

    /// Entries in `low ..< high`, as many as fit into `maxBytes`, at least one.
    ///
    /// - Throws: ``RaftError/compacted(_:)`` if `low` is gone, ``RaftError/unavailable(_:)`` if `high` is not there.
    public func entries(_ low: LogIndex, _ high: LogIndex, maxBytes: UInt64) throws(RaftError) -> ArraySlice<Entry> {
        guard low >= firstIndex else { throw .compacted(low) }
        guard low <= high && high <= lastIndex.next else { throw .unavailable(high) }
        return entries[(low - firstIndex)..<(high - firstIndex)].limited(to: maxBytes)
    }

    public mutating func setHardState(_ state: HardState) {
        hardState = state
    }

    /// Adds entries; where some of them are there already, the new ones and only these remain.
    public mutating func append(_ new: [Entry]) {
        append(new[...])
    }

    mutating func append(_ new: ArraySlice<Entry>) {
        guard let last = new.last?.index, last >= firstIndex else { return }
        let kept = new[(new.startIndex + max(0, firstIndex - new[new.startIndex].index))...]
        let first = kept[kept.startIndex].index
        precondition(first <= lastIndex.next, "entries from \(first) leave a gap after \(lastIndex)")
        entries.removeSubrange((first - firstIndex)...)
        entries.append(contentsOf: kept)
    }

    /// Replaces everything with a snapshot that came from a leader.
    ///
    /// - Throws: ``RaftError/snapshotOutOfDate(given:stored:)`` if a snapshot of that index or a later one is there.
    public mutating func applySnapshot(_ new: Snapshot) throws(RaftError) {
        if let snapshot, snapshot.index >= new.index {
            throw .snapshotOutOfDate(given: new.index, stored: snapshot.index)
        }
        snapshot = new
        compacted = new.metadata.position
        entries = []
    }

    /// Notes a snapshot of the state machine at an applied index; the log stays as it is.
    ///
    /// - Throws: ``RaftError/snapshotOutOfDate(given:stored:)`` if a snapshot of that index or a later one is there;
    ///   ``RaftError/compacted(_:)`` or ``RaftError/unavailable(_:)`` if the entry's term is not.
    public mutating func createSnapshot(at index: LogIndex, confState: ConfState, data: [UInt8]) throws(RaftError) {
        if let snapshot, snapshot.index >= index {
            throw .snapshotOutOfDate(given: index, stored: snapshot.index)
        }
        guard let term = term(at: index) else {
            throw index < compacted.index ? .compacted(index) : .unavailable(index)
        }
        snapshot = Snapshot(metadata: SnapshotMetadata(index: index, term: term, confState: confState), data: data)
    }

    /// Takes what a snapshot is made of from elsewhere; nil if there is none to be had at the moment.
    package mutating func overrideSnapshot(_ snapshot: Snapshot?) {
        self.snapshot = snapshot
    }

    /// Forgets the entries up to `index`, which a snapshot must include.
    ///
    /// - Throws: ``RaftError/compacted(_:)`` if that was done, ``RaftError/unavailable(_:)`` beyond the log's end.
    public mutating func compact(to index: LogIndex) throws(RaftError) {
        guard index > compacted.index else { throw .compacted(index) }
        guard let term = term(at: index) else { throw .unavailable(index) }
        entries.removeFirst(index - compacted.index)
        compacted = LogPosition(term: term, index: index)
    }
}

extension ArraySlice<Entry> {
    /// The longest prefix of at most `maxBytes`, but at least one entry.
    func limited(to maxBytes: UInt64) -> ArraySlice<Entry> {
        guard maxBytes != .max, !isEmpty else { return self }
        var bytes: UInt64 = 0
        for (position, entry) in zip(indices, self) {
            bytes += entry.limitedBytes
            if bytes > maxBytes && position > startIndex { return self[..<position] }
        }
        return self
    }
}

extension Sequence<Entry> {
    /// What size limits count.
    var limitedBytes: UInt64 { reduce(0) { $0 + $1.limitedBytes } }
    /// The bytes of the data alone.
    var payloadBytes: UInt64 { reduce(0) { $0 + UInt64($1.data.count) } }
}
