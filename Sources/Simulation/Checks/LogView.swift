import Raft
import Replica

/// What a node's log shows to the checks.
struct LogView {
    var node: NodeID
    /// Which run of its agent this is.
    var run: Int
    var term: Term
    var commit: LogIndex
    /// The term of an entry, durable or not; nil if it is compacted or not there.
    var termAt: (LogIndex) -> Term?
}

extension LogView {
    init(_ replica: Replica, run: Int) {
        node = replica.identity.id
        self.run = run
        term = replica.term
        commit = replica.commitIndex
        termAt = { replica.logTerm(at: $0) }
    }
}
