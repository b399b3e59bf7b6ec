import Primitives
import Raft
import Replica

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

    private(set) var leaders: [Term: NodeID] = [:]
    private var entries: [LogPosition: Fingerprint] = [:]
    /// Terms of entries at indexes that somebody knew to be committed.
    private var committed: [LogIndex: Term] = [:]
    /// How far the leader of each term has committed, ascending by term.
    private var commits: [(term: Term, last: LogPosition)] = []
    private var acknowledged: [Acknowledger: LogIndex] = [:]

    // MARK: Elections

    /// One leader for a term, and one that has all that was committed in terms before.
    mutating func leads(_ replica: Replica) throws(Violation) {
        let id = replica.identity.id
        if let other = leaders[replica.term] {
            guard other == id else {
                throw Violation(.electionSafety, "nodes \(other) and \(id) both lead in term \(replica.term)")
            }
            return
        }
        leaders[replica.term] = id
        for commit in commits where commit.term < replica.term {
            let here = replica.logTerm(at: commit.last.index)
            guard here == commit.last.term || (here == nil && commit.last.index <= replica.commitIndex) else {
                throw Violation(
                    .leaderCompleteness,
                    "node \(id) leads in term \(replica.term) without entry \(commit.last.index) of term "
                        + "\(commit.last.term), which was committed in term \(commit.term)")
            }
        }
    }

    // MARK: Commits

    /// A node's commit index has moved.
    mutating func commits(_ replica: Replica) throws(Violation) {
        let index = replica.commitIndex
        guard index > .zero, let term = replica.logTerm(at: index) else { return }
        if let known = committed[index], known != term {
            throw Violation(
                .stateMachineSafety,
                "node \(replica.identity.id) holds entry \(index) of term \(term) for committed, others of \(known)")
        }
        committed[index] = term
        guard replica.role == .leader else { return }
        let last = LogPosition(term: term, index: index)
        if let position = commits.firstIndex(where: { $0.term == replica.term }) {
            commits[position].last = last
        } else {
            commits.append((replica.term, last))
        }
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
    /// - Parameter ownLast: The end of the leader's log on its own disk.
    func checkMatches(of replica: Replica, ownLast: LogIndex) throws(Violation) {
        for (node, match) in replica.matchIndexes {
            let isOwn = node == replica.identity.id
            let bound =
                isOwn ? ownLast : acknowledged[Acknowledger(node: node, term: replica.term)] ?? .zero
            guard match <= bound else {
                throw Violation(
                    .durability,
                    "node \(replica.identity.id) counts entries up to \(match) as stored by node \(node), which has "
                        + (isOwn ? "stored" : "acknowledged") + " \(bound)")
            }
        }
    }
}
