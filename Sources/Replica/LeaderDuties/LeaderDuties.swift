import Fleet
import Primitives
import Raft

/// What runs while a node leads: placement, the promotion of learners, events of nodes, following Git repositories, and
/// telling the others who is silent.
///
/// It begins once the first entry of the node's own term is applied, and ends with the term.
struct LeaderDuties: Sendable {
    /// The term that this node leads.
    let term: Term
    /// Gives machines to nodes.
    var placing = PlacementDuty()
    /// Tells of nodes.
    var nodeEvents = NodeEventDuty()
    /// Follows Git repositories.
    var sources = SourceDuty()
    /// When a membership change was proposed that is not applied yet; nil if none is under way.
    private var membershipProposedAt: Instant?
    /// When the others were last told who is silent; nil before the first time.
    private var livenessSentAt: Instant?

    init(term: Term) {
        self.term = term
    }

    /// An entry of the leader's own was applied.
    ///
    /// - Parameter fleet: After the entry.
    mutating func decided(_ request: RequestID, _ outcome: CommandOutcome, in fleet: Fleet, at now: Instant) {
        placing.decided(request)
        nodeEvents.decided(request)
        sources.decided(request, outcome, in: fleet, at: now)
    }

    // MARK: Membership

    /// Whether a membership change may be proposed: consensus would turn a second one into an empty entry, and its
    /// proposer would never hear of it.
    var mayChangeMembership: Bool { membershipProposedAt == nil }

    mutating func membershipProposed(at now: Instant) { membershipProposedAt = now }

    mutating func membershipDecided() { membershipProposedAt = nil }

    /// Gives up a change that is not applied for long. Consensus itself knows whether one is pending; the time only
    /// bounds how long a lost one blocks the next.
    ///
    /// - Returns: Whether none was under way, so that a learner may be promoted.
    mutating func membershipTick(at now: Instant) -> Bool {
        guard let proposed = membershipProposedAt else { return true }
        if now - proposed >= ReplicaTiming.writeMilliseconds { membershipProposedAt = nil }
        return false
    }

    /// The command that makes a learner which has the log a voter; nil if there is none. It is tried again with every
    /// tick.
    func promotion(
        in fleet: Fleet, consensus: Consensus, by leader: PublicKey, generator: inout SeededGenerator
    ) -> WriteSubmission? {
        let ready = fleet.members.first { $0.role == .learner && consensus.hasLog(NodeID($0.id)) }
        guard let ready else { return nil }
        return WriteSubmission(
            request: RequestID.random(using: &generator), author: leader, command: .promote(id: ready.id))
    }

    // MARK: Liveness

    /// Whether the others are to be told now who is silent; then it is not due for a while.
    mutating func takeLivenessDue(at now: Instant) -> Bool {
        if let sent = livenessSentAt, now - sent < ReplicaTiming.livenessMilliseconds { return false }
        livenessSentAt = now
        return true
    }
}
