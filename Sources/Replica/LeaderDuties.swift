import Fleet
import Manifest
import Primitives
import Raft

/// What a node remembers while it leads and has applied the first entry of its own term; it ends with the term.
struct LeaderDuties: Sendable {
    var term: Term
    /// The batch of placements that is under way: one at a time.
    var placement: RequestID?
    var placementStartedAt = Instant.zero
    /// What the last placement was decided from; nothing is decided twice from the same.
    var placedRevision: UInt64?
    var placedReady: [String] = []
    /// Machines that want no place and have been told so, by their resource version.
    var settled: [ObjectKey: UInt64] = [:]
    /// When a membership change was proposed that is not applied yet.
    var membershipInFlight: Instant?
    var livenessSentAt: Instant?
}
