import Journal
import Raft

/// What a node's disk holds for certain, told from the work that its journal has completed.
///
/// Every promise of the node is compared with it, and so is what a start reads back.
struct DurableLog: Equatable {
    private(set) var term = Term.zero
    private(set) var vote: NodeID?
    /// The entry before the first one in `terms`.
    private var base = LogPosition.zero
    private var terms: [Term] = []

    var last: LogPosition {
        guard let term = terms.last else { return base }
        return LogPosition(term: term, index: base.index + terms.count)
    }

    /// The term of an entry; nil if there is none, or nobody knows it any more.
    func term(at index: LogIndex) -> Term? {
        if index == base.index { return base.term }
        guard index > base.index, index <= last.index else { return nil }
        return terms[index - base.index - 1]
    }

    mutating func take(_ write: JournalWrite) {
        if let state = write.hardState {
            term = state.term
            vote = state.vote
        }
        if let snapshot = write.snapshot {
            base = snapshot.snapshot.metadata.position
            terms = []
        }
        guard let first = write.entries.first else { return }
        precondition(first.index > base.index, "entry \(first.index) is written below \(base.index)")
        terms.removeLast(max(0, base.index.next + terms.count - first.index))
        precondition(base.index + terms.count == first.index.previous, "a gap before entry \(first.index)")
        terms += write.entries.map(\.term)
    }

    /// What is wrong with what a start has read back; nil if it is exactly this.
    func difference(from recovered: RecoveredJournal) -> String? {
        let state = recovered.hardState
        guard state.term == term, state.vote == vote else {
            return "term \(state.term) and vote \(name(state.vote)) instead of \(term) and \(name(vote))"
        }
        guard recovered.last == last else {
            return "a log that ends with entry \(recovered.last.index) of term \(recovered.last.term) instead of "
                + "\(last.index) of \(last.term)"
        }
        for entry in recovered.entries {
            guard let known = self.term(at: entry.index) else { continue }
            if known != entry.term { return "entry \(entry.index) of term \(entry.term) instead of \(known)" }
        }
        return nil
    }

    private func name(_ vote: NodeID?) -> String { vote.map { "\($0)" } ?? "none" }
}
