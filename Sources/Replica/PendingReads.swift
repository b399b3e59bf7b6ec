import Primitives
import Raft

/// Reads that wait until a quorum has confirmed who leads, in rounds.
///
/// A round takes along every read that arrived before it began, never one that came later: a confirmation proves
/// nothing about what happened after it was asked for (Raft, section 6.4).
struct PendingReads: Sendable {
    struct Read: Sendable {
        var waiter: Waiter
        var deadline: Instant
        /// The first round that took it along; every later one proves as much for it. Nil until there was one.
        var firstRound: UInt64?
    }

    struct Round: Sendable {
        var number: UInt64
        var startedAt: Instant
        var reads: [Read]
    }

    /// Not in a round yet.
    var arrived: [Read] = []
    var round: Round?
    var lastNumber: UInt64 = 0
    /// Confirmed; released once the state has been applied up to the index.
    var confirmed: [(index: LogIndex, reads: [Read])] = []
}
