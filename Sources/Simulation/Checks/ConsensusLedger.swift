import Primitives
import Raft

/// What the cluster's consensus has shown so far, and whether something new fits it (Raft, figure 3).
struct ConsensusLedger {
    private struct Fingerprint: Equatable {
        var checksum: UInt32
        /// The term of the entry before.
        var previous: Term?
    }

    private struct Acknowledger: Hashable {
        var node: NodeID
        var term: Term
    }

    struct Leader: Equatable {
        var node: NodeID
        /// Which run of its agent was elected: an agent that starts anew follows first, and leads in a later term.
        var run: Int
    }

    private(set) var leaders: [Term: Leader] = [:]
    private var entries: [LogPosition: Fingerprint] = [:]
    /// Terms of entries at indexes that some node knew to be committed.
    private var committed: [LogIndex: Term] = [:]
    /// The last entry that was committed in a term or before it.
    private var commits: [Term: LogPosition] = [:]
    private var acknowledged: [Acknowledger: LogIndex] = [:]

    // MARK: Elections

    /// A node was elected, though it may lead no more.
    ///
    /// - Returns: Whether that was news.
    @discardableResult
    mutating func elected(_ node: NodeID, run: Int, in term: Term) throws(Violation) -> Bool {
        guard let known = leaders[term] else {
            leaders[term] = Leader(node: node, run: run)
            return true
        }
        guard known.node == node else {
            throw Violation(.electionSafety, "nodes \(known.node) and \(node) both lead in term \(term)")
        }
        guard known.run == run else {
            throw Violation(.electionSafety, "node \(node) leads in term \(term), and again after a restart")
        }
        return false
    }

    /// One leader for a term, and one that has all that was committed in terms before.
    mutating func leads(_ log: LogView) throws(Violation) {
        guard try elected(log.node, run: log.run, in: log.term) else { return }
        for (term, last) in commits.sorted(by: { $0.key < $1.key }) { try demand(last, committedIn: term, of: log) }
    }

    private func demand(_ position: LogPosition, committedIn term: Term, of log: LogView) throws(Violation) {
        guard term < log.term else { return }
        let here = log.termAt(position.index)
        guard here == position.term || (here == nil && position.index <= log.commit) else {
            throw Violation(
                .leaderCompleteness,
                "node \(log.node) leads in term \(log.term) without entry \(position.index) of term "
                    + "\(position.term), which was committed in term \(term)")
        }
    }

    // MARK: Commits

    /// A node knows of more that is committed.
    ///
    /// - Parameters:
    ///   - term: When it was committed at the latest.
    ///   - leaders: All that lead now: an entry that is committed in a term is in the log of each later leader, even if
    ///     if that one was elected before any node counted the entry.
    mutating func commits(_ log: LogView, in term: Term, leaders: [LogView]) throws(Violation) {
        let index = log.commit
        guard index > .zero, let entryTerm = log.termAt(index) else { return }
        if let known = committed[index], known != entryTerm {
            throw Violation(
                .stateMachineSafety,
                "node \(log.node) holds entry \(index) of term \(entryTerm) for committed, others of \(known)")
        }
        committed[index] = entryTerm
        guard index > commits[term]?.index ?? .zero else { return }
        let last = LogPosition(term: entryTerm, index: index)
        commits[term] = last
        for leader in leaders { try demand(last, committedIn: term, of: leader) }
    }

    // MARK: Entries

    /// Entries that a leader sends after one of this position (if it is known), or a node writes: equal index and term
    /// must mean equal entries, and equal ones before them.
    mutating func note(_ new: [Entry], after previous: Term?, by node: NodeID) throws(Violation) {
        var previous = previous
        for entry in new {
            let position = LogPosition(term: entry.term, index: entry.index)
            var print = Fingerprint(checksum: CRC32C.checksum(entry.data), previous: previous)
            if let known = entries[position] {
                guard known.checksum == print.checksum, known.previous == nil || previous == nil || known == print
                else {
                    throw Violation(
                        .logMatching, "node \(node) has another entry \(entry.index) of term \(entry.term) than others")
                }
                print.previous = print.previous ?? known.previous
            }
            entries[position] = print
            previous = entry.term
        }
    }

    // MARK: Acknowledgements

    mutating func acknowledges(_ node: NodeID, _ index: LogIndex, in term: Term) {
        let key = Acknowledger(node: node, term: term)
        acknowledged[key] = max(acknowledged[key] ?? .zero, index)
    }

    /// A leader counts nothing that was not acknowledged to it.
    ///
    /// - Parameters:
    ///   - matches: How far the leader counts each member's log as stored.
    ///   - ownLast: The end of the leader's log on its own disk.
    func checkMatches(
        of leader: NodeID, in term: Term, _ matches: [(node: NodeID, match: LogIndex)], ownLast: LogIndex
    ) throws(Violation) {
        for (node, match) in matches {
            let isOwn = node == leader
            let bound = isOwn ? ownLast : acknowledged[Acknowledger(node: node, term: term)] ?? .zero
            guard match <= bound else {
                throw Violation(
                    .durability,
                    "node \(leader) counts entries up to \(match) as stored by node \(node), which has "
                        + (isOwn ? "stored" : "acknowledged") + " \(bound)")
            }
        }
    }
}
