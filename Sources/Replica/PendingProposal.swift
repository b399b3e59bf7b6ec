import Fleet
import Primitives
import Raft

/// A write that somebody waits for.
struct PendingProposal: Sendable {
    var submission: WriteSubmission
    var waiters: [Waiter]
    var deadline: Instant
    /// The leader and term to which it was handed; nil while it is with nobody.
    var handedTo: Handover?
    /// An earlier leader got it and did not refuse it, so it may be in the log whatever a later one says.
    var mayBeRecorded = false

    struct Handover: Equatable, Sendable {
        var leader: NodeID
        var term: Term
    }
}
