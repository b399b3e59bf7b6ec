import Fleet
import Primitives
import Raft

/// A write of which this node waits to see what becomes.
struct PendingWrite: Sendable {
    /// As it was asked for; what the leader judged it against is not kept.
    var submission: WriteSubmission
    /// The callers to be answered; none for the node's own reports.
    var waiters: [Waiter]
    /// When it is answered that the outcome is unknown.
    var deadline: Instant
    /// The leader and term to which it was handed; nil while it is with none.
    var handedTo: Handover?
    /// An earlier leader got it and did not refuse it, so it may be in the log whatever a later one says. Never false
    /// again.
    var mayBeRecorded = false

    struct Handover: Equatable, Sendable {
        var leader: NodeID
        var term: Term
    }
}
