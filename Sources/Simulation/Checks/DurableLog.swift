import Journal
import Primitives
import Raft

/// What a node's disk holds for certain, told from the work that its journal has completed.
///
/// Every promise of the node is compared with it, and so is what a start reads back.
struct DurableLog: Equatable {
    private struct Record: Equatable {
        var term: Term
        var checksum: UInt32

        init(_ entry: Entry) {
            term = entry.term
            var crc = CRC32C(continuing: UInt32(entry.kind.rawValue))
            crc.update(entry.data)
            checksum = crc.value
        }
    }

    /// How far the log went while the disk held a term.
    private struct Reach: Equatable {
        var term: Term
        /// Where the log ended after the write that brought the term.
        var first: LogPosition
        /// Whether that write put a snapshot in the log's place.
        var beginsWithSnapshot: Bool
        var last: LogIndex
    }

    private(set) var term = Term.zero
    private(set) var vote: NodeID?
    /// The entry before the first one in `records`.
    private var base = LogPosition.zero
    private var records: [Record] = []
    /// Ascending by term.
    private var reaches: [Reach] = []

    var last: LogPosition {
        guard let record = records.last else { return base }
        return LogPosition(term: record.term, index: base.index + records.count)
    }

    /// The term of an entry; nil if there is none, or its term isn't known any more.
    func term(at index: LogIndex) -> Term? { index == base.index ? base.term : record(at: index)?.term }

    private func record(at index: LogIndex) -> Record? {
        index > base.index && index <= last.index ? records[index - base.index - 1] : nil
    }

    mutating func take(_ write: JournalWrite) {
        if let state = write.hardState {
            term = state.term
            vote = state.vote
        }
        if let snapshot = write.snapshot {
            base = snapshot.snapshot.metadata.position
            records = []
        }
        if let first = write.entries.first {
            precondition(first.index > base.index, "entry \(first.index) is written below \(base.index)")
            records.removeLast(max(0, base.index.next + records.count - first.index))
            precondition(base.index + records.count == first.index.previous, "a gap before entry \(first.index)")
            records += write.entries.map { Record($0) }
        }
        if let reach = reaches.last, reach.term == term {
            reaches[reaches.count - 1].last = last.index
        } else {
            reaches.append(
                Reach(term: term, first: last, beginsWithSnapshot: write.snapshot != nil, last: last.index))
        }
    }

    /// Whether an entry can have been acknowledged rightly to the leader of a term that is over here.
    func mayHaveStored(_ index: LogIndex, in term: Term) -> Bool {
        if let reach = reaches.last(where: { $0.term == term }), index <= reach.last { return true }
        guard let next = reaches.first(where: { $0.term > term }) else { return false }
        // The write that brought the next term may have brought entries of the leader before, too. If it also holds
        // what a new leader put in their place, that can't be told; and a leader without an entry was elected by a
        // majority without it, so that no majority for it is left.
        return index <= next.first.index || next.first.term > term || next.beginsWithSnapshot
    }

    /// What is wrong with what a start has read back; nil if it is exactly this.
    func difference(from recovered: RecoveredJournal) -> String? {
        difference(
            from: recovered.hardState, snapshot: recovered.snapshot?.snapshot.metadata.position ?? .zero,
            recovered.entries)
    }

    /// - Parameter snapshot: What the entries follow.
    func difference(from state: HardState, snapshot: LogPosition, _ entries: [Entry]) -> String? {
        guard state.term == term, state.vote == vote else {
            return "term \(state.term) and vote \(name(state.vote)) instead of \(term) and \(name(vote))"
        }
        let end = entries.last.map { LogPosition(term: $0.term, index: $0.index) } ?? snapshot
        guard end == last else {
            return
                "a log that ends with entry \(end.index) of term \(end.term) instead of \(last.index) of \(last.term)"
        }
        if let known = term(at: snapshot.index), known != snapshot.term {
            return "a snapshot of entry \(snapshot.index) of term \(snapshot.term) instead of \(known)"
        }
        var previous = min(snapshot.index, entries.first?.index.previous ?? snapshot.index)
        for entry in entries {
            guard entry.index == previous.next else { return "entry \(entry.index) after \(previous)" }
            previous = entry.index
            guard let known = record(at: entry.index) else { continue }
            if known.term != entry.term { return "entry \(entry.index) of term \(entry.term) instead of \(known.term)" }
            if known != Record(entry) { return "entry \(entry.index) of term \(entry.term) with other data" }
        }
        return nil
    }

    private func name(_ vote: NodeID?) -> String { vote.map { "\($0)" } ?? "none" }
}
