import Fleet
import Primitives
import Raft
import Reconcile
import Wire

// Writes: whoever is asked keeps a write until it sees it applied here, and answers from there. The leader of the moment
// takes it into its log; the others hand it on.
extension Replica {
    mutating func submit(_ submission: WriteSubmission, for waiter: Waiter) {
        if let denial = authorize(submission) {
            // Who asks may have been admitted by what has not arrived here yet.
            let failure = machines.isCaughtUp ? WriteFailure.forbidden(denial) : .unavailable(.stateNotKnown)
            effects.append(.answer(waiter, .failure(failure)))
            return
        }
        if let answer = keptAnswer(to: submission) {
            effects.append(.answer(waiter, .success(answer)))
            return
        }
        if case .join(let join) = submission.command, let refusal = malformation(of: join) {
            effects.append(.answer(waiter, .success(.refused([refusal]))))
            return
        }
        if proposals[submission.request] != nil {
            // The same request again, while the first try is under way: both get the one answer.
            proposals[submission.request]?.waiters.append(waiter)
            return
        }
        guard softState.leader != nil else {
            effects.append(
                .answer(waiter, .failure(.noQuorum(connected: connectedVoters, voters: voters.count))))
            return
        }
        proposals[submission.request] = PendingProposal(
            submission: submission, waiters: [waiter], deadline: now + ReplicaTiming.writeMilliseconds)
        handOver(submission.request)
    }

    /// Gives a pending write to whoever leads now; twice to the same leader of the same term never.
    private mutating func handOver(_ request: RequestID) {
        guard let pending = proposals[request], let leader = softState.leader else { return }
        let handover = PendingProposal.Handover(leader: leader, term: raft.term)
        guard pending.handedTo != handover else { return }
        if pending.handedTo != nil { proposals[request]?.mayBeRecorded = true }
        proposals[request]?.handedTo = handover
        if leader == identity.id {
            take(pending.submission, from: .here)
        } else {
            let proposal = ForwardedProposal(
                request: request, author: pending.submission.author, command: pending.submission.command)
            effects.append(.send(to: leader, .proposal(proposal)))
        }
    }

    /// What is open and not with the present leader goes to it; a request is applied once however often it is handed on.
    mutating func handOverOpenWrites() {
        guard softState.leader != nil else { return }
        for request in proposals.keys.sorted() { handOver(request) }
    }

    /// The leader did not take a write that somebody waits for here.
    mutating func turnedAway(_ request: RequestID, _ failure: WriteFailure) {
        guard let pending = proposals[request] else { return }
        let result: WriteResult
        switch failure {
        case .notLeader:
            // Open until a node leads, or until its deadline.
            proposals[request]?.handedTo = nil
            return
        case .refused(let refusals): result = .success(.refused(refusals))
        // A node may speak of this request alone.
        case .outcomeUnknown: result = .failure(.outcomeUnknown(request))
        default: result = .failure(failure)
        }
        // "Nothing was recorded" is not known of what an earlier leader got: it is seen applied, or ends as unknown.
        if !pending.mayBeRecorded { answer(request, result) }
    }

    /// An entry was applied: whoever waits for its request here gets the answer.
    mutating func decided(_ record: LogRecord, _ outcome: CommandOutcome) {
        if case .write = record.envelope.command, outcome.isStale {
            judgeAgain(record.request)
        } else {
            answer(record.request, .success(outcome))
        }
        reportDecided(record.request, outcome)
        placementDecided(record.request)
    }

    /// The machine changed between the leader's judgement and the entry, which recorded nothing.
    private mutating func judgeAgain(_ request: RequestID) {
        proposals[request]?.handedTo = nil
        handOver(request)
    }

    private mutating func answer(_ request: RequestID, _ result: WriteResult) {
        guard let pending = proposals.removeValue(forKey: request) else { return }
        for waiter in pending.waiters where waiter != Self.nobody { effects.append(.answer(waiter, result)) }
    }

    mutating func expireProposals() {
        for request in proposals.keys.sorted() {
            guard let pending = proposals[request], pending.deadline <= now else { continue }
            answer(request, .failure(.outcomeUnknown(request)))
        }
    }

    /// The first answer to a write that was applied already.
    func keptAnswer(to submission: WriteSubmission) -> CommandOutcome? {
        guard case .write(let write) = submission.command else { return nil }
        return fleet.answer(to: write)
    }
}
