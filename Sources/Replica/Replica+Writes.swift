import Fleet
import Primitives
import Raft
import Reconcile
import Wire

// Writes: proposed by the leader, forwarded by the others, answered by whoever was asked once they are applied there.
extension Replica {
    mutating func submit(_ submission: WriteSubmission, for waiter: Waiter) {
        if let refusal = authorize(submission) {
            // Who asks may have been admitted by what has not arrived here yet.
            effects.append(
                .answer(
                    waiter,
                    machines.isCaughtUp
                        ? .forbidden(refusal) : .unavailable("this node does not have the cluster's state yet")))
            return
        }
        if let answer = keptAnswer(to: submission) {
            effects.append(.answer(waiter, .applied(answer)))
            return
        }
        let refusals = admission(submission)
        guard refusals.isEmpty else {
            effects.append(.answer(waiter, .applied(.refused(refusals))))
            return
        }
        if proposals[submission.request] != nil {
            // The same request again, while the first try is under way: both get the one answer.
            proposals[submission.request]?.waiters.append(waiter)
            return
        }
        guard softState.leader != nil else {
            effects.append(.answer(waiter, .noQuorum(connected: connectedVoters, voters: voters.count)))
            return
        }
        let pending = PendingProposal(
            submission: submission, waiters: [waiter], deadline: now + ReplicaTiming.writeMilliseconds)
        proposals[submission.request] = pending
        handOver(submission.request)
    }

    /// Gives a pending write to whoever leads now; twice to the same leader of the same term never.
    private mutating func handOver(_ request: RequestID) {
        guard let pending = proposals[request], let leader = softState.leader else { return }
        let handover = PendingProposal.Handover(leader: leader, term: raft.term)
        guard pending.handedTo != handover else { return }
        if pending.handedTo != nil { proposals[request]?.mayBeRecorded = true }
        proposals[request]?.handedTo = handover
        if softState.role == .leader {
            propose(pending.submission)
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

    mutating func forwarded(_ proposal: ForwardedProposal, from node: NodeID) {
        let submission = WriteSubmission(
            request: proposal.request, author: proposal.author, command: proposal.command)
        func refuse(_ code: ProposalRefusal.Code, _ reason: String) {
            let refusal = ProposalRefusal(request: proposal.request, code: code, reason: reason)
            effects.append(.send(to: node, .proposalRefused(refusal)))
        }
        guard softState.role == .leader else {
            refuse(.notLeader, "node \(identity.id) does not lead")
            return
        }
        guard !submission.command.isLeadersOwn else {
            refuse(.forbidden, "only the leader itself does this")
            return
        }
        // The node that forwards has checked the author; what it has applied may be older than what the leader has.
        if let reason = authorize(submission) {
            refuse(.forbidden, reason)
            return
        }
        guard keptAnswer(to: submission) == nil else { return }
        // It was admitted by the node that forwards it, from a state that has changed since.
        if let refusal = admission(submission).first {
            refuse(.unavailable, "the object has changed meanwhile: \(refusal.message)")
            return
        }
        if case .tooLarge(let bytes, let limit) = batch(submission, from: .member(node)) {
            refuse(.tooLarge, "\(bytes)/\(limit)")
        }
    }

    mutating func forwardRefused(_ refusal: ProposalRefusal, by node: NodeID) {
        guard let pending = proposals[refusal.request], pending.handedTo?.leader == node else { return }
        if refusal.code == .notLeader {
            // Open until somebody leads, or until its deadline.
            proposals[refusal.request]?.handedTo = nil
            return
        }
        guard !pending.mayBeRecorded else { return }
        switch refusal.code {
        case .notLeader: break
        case .forbidden: answer(refusal.request, .forbidden(refusal.reason))
        case .unavailable: answer(refusal.request, .unavailable(refusal.reason))
        case .tooLarge:
            let numbers = refusal.reason.split(separator: "/").compactMap { Int($0) }
            answer(
                refusal.request, .tooLarge(bytes: numbers.first ?? 0, limit: numbers.last ?? Limits.entryBytes))
        }
    }

    private mutating func propose(_ submission: WriteSubmission) {
        if let failure = batch(submission, from: .here) { proposalFailed(submission.request, failure) }
    }

    /// "Nothing was recorded" is not known of what an earlier leader got: it is seen applied, or ends as unknown.
    private mutating func proposalFailed(_ request: RequestID, _ failure: WriteResult) {
        if proposals[request]?.mayBeRecorded != true { answer(request, failure) }
    }

    /// Lays a command ready for the leader's log; answers why not. What consensus says comes with the proposal.
    private mutating func batch(_ submission: WriteSubmission, from origin: ProposalBatch.Origin) -> WriteResult? {
        guard !submission.command.changesMembership else {
            guard let failure = proposeNow(submission) else { return nil }
            refuse(submission.request, from: origin, failure)
            return nil
        }
        let data = encoded(submission)
        guard data.count <= Limits.entryBytes else {
            return .tooLarge(bytes: data.count, limit: Limits.entryBytes)
        }
        batch.add(data, of: submission.request, from: origin)
        if batch.isFull { proposeBatch() }
        return nil
    }

    /// Whether what has been laid ready is to be proposed now.
    ///
    /// A new batch begins while at most one is on its way to a quorum, so that a busy leader puts into the next one all
    /// that arrives meanwhile: each batch costs every member an append and an answer.
    var isBatchDue: Bool {
        guard !batch.items.isEmpty else { return false }
        return !raft.isLeader || batch.isFull || openBatches.count { $0 > raft.commitIndex } < 2
    }

    mutating func proposeDueBatch() {
        if isBatchDue { proposeBatch() }
    }

    /// Puts what has been laid ready into the log.
    mutating func proposeBatch() {
        let items = batch.take()
        guard !items.isEmpty else { return }
        if let refusal = shortageRefusal {
            for item in items { refuse(item.request, from: item.origin, refusal) }
            return
        }
        do throws(RaftError) {
            try raft.propose(items.map(\.entry))
            openBatches.removeAll { $0 <= raft.commitIndex }
            openBatches.append(raft.lastIndex)
        } catch {
            for item in items { refuse(item.request, from: item.origin, notTaken(error)) }
        }
    }

    private mutating func refuse(_ request: RequestID, from origin: ProposalBatch.Origin, _ failure: WriteResult) {
        // Leadership may have ended with a message that came together with the write; then another takes it.
        let isLeader = raft.role == .leader
        switch origin {
        case .here where !isLeader: proposals[request]?.handedTo = nil
        case .here: proposalFailed(request, failure)
        case .member(let node):
            var reason = "the leader takes no writes at the moment"
            if case .unavailable(let text) = failure { reason = text }
            let refusal = ProposalRefusal(
                request: request, code: isLeader ? .unavailable : .notLeader,
                reason: isLeader ? reason : "node \(identity.id) does not lead")
            effects.append(.send(to: node, .proposalRefused(refusal)))
        }
    }

    private func notTaken(_ error: RaftError) -> WriteResult {
        .unavailable("the leader takes no writes at the moment (\(error))")
    }

    /// Puts a command into the leader's log by itself; answers why not.
    mutating func proposeNow(_ submission: WriteSubmission) -> WriteResult? {
        if let refusal = shortageRefusal { return refusal }
        // In the order in which they came.
        proposeBatch()
        let bytes = encoded(submission)
        guard bytes.count <= Limits.entryBytes else {
            return .tooLarge(bytes: bytes.count, limit: Limits.entryBytes)
        }
        do throws(RaftError) {
            switch submission.command {
            case .join(let join):
                try proposeMembership(.addLearner(NodeID(join.id)), context: bytes)
            case .promote(let id): try proposeMembership(.addVoter(NodeID(id)), context: bytes)
            case .remove(let id):
                if let refusal = handOverBeforeLeaving(NodeID(id)) { return refusal }
                try proposeMembership(.remove(NodeID(id)), context: bytes)
            default: try raft.propose(bytes)
            }
            return nil
        } catch {
            return notTaken(error)
        }
    }

    private func encoded(_ submission: WriteSubmission) -> [UInt8] {
        let envelope = CommandEnvelope(stamp: wall, author: submission.author, command: submission.command)
        return LogRecord(request: submission.request, envelope: envelope).bytes
    }

    /// One of two voters that leads and is to go hands leadership over first.
    ///
    /// Membership changes when it is applied: the one that stays would need the vote of the one that went until it knows
    /// that the change is committed, and whoever removes a node switches it off.
    private mutating func handOverBeforeLeaving(_ id: NodeID) -> WriteResult? {
        guard id == identity.id, voters.count == 2, let heir = voters.first(where: { $0 != id }) else { return nil }
        raft.transferLeader(to: heir)
        return .unavailable(
            "node \(id) leads and only node \(heir) would stay, so that one takes over first; try again")
    }

    private mutating func proposeMembership(_ change: MemberChange, context: [UInt8]) throws(RaftError) {
        // Consensus would turn a second change into an empty entry, and nobody would ever hear of this one.
        guard duties?.membershipInFlight == nil, duties != nil else { throw .proposalDropped }
        try raft.propose(ConfChangeV2(changes: [change], context: context))
        duties?.membershipInFlight = now
    }

    /// An entry was applied: whoever waits for its request here gets the answer.
    mutating func decided(_ record: LogRecord, _ outcome: CommandOutcome) {
        answer(record.request, .applied(outcome))
        reportDecided(record.request, outcome)
        placementDecided(record.request)
    }

    private mutating func answer(_ request: RequestID, _ result: WriteResult) {
        guard let pending = proposals.removeValue(forKey: request) else { return }
        for waiter in pending.waiters where waiter != Self.nobody { effects.append(.answer(waiter, result)) }
    }

    mutating func expireProposals() {
        for request in proposals.keys.sorted() {
            guard let pending = proposals[request], pending.deadline <= now else { continue }
            answer(request, .outcomeUnknown(request))
        }
    }

    /// Why the cluster's state does not allow this change; asked before it is recorded.
    private func admission(_ submission: WriteSubmission) -> [Refusal] {
        guard case .write(let write) = submission.command else { return [] }
        return admissionRefusals(of: write.mutations, in: fleet)
    }

    /// The first answer to a write that was applied already.
    private func keptAnswer(to submission: WriteSubmission) -> CommandOutcome? {
        guard case .write(let write) = submission.command else { return nil }
        return fleet.answer(to: write)
    }

    /// Why the author may not do this; nil if they may.
    private func authorize(_ submission: WriteSubmission) -> String? {
        let role = fleet.role(of: submission.author)
        switch submission.command {
        case .join:
            // The ticket's secret is the right to join; the fleet checks it.
            return nil
        case .write, .createTicket:
            guard role == .admin || role == .operator else {
                return "key \(submission.author.short) may only read (\(role.map { "\($0)" } ?? "not admitted"))"
            }
        case .grant, .revoke, .remove:
            guard role == .admin else { return "key \(submission.author.short) is no administrator" }
        case .report(let report):
            guard fleet.member(key: submission.author)?.id == report.member else {
                return "key \(submission.author.short) is not member \(report.member)"
            }
        case .updateMember(let id, _, _):
            guard fleet.member(key: submission.author)?.id == id || role == .admin else {
                return "key \(submission.author.short) is not member \(id)"
            }
        case .bootstrap, .place, .promote, .raiseLevel:
            guard submission.author == identity.key else { return "only the leader itself does this" }
        }
        return nil
    }

    /// Members that count for a quorum.
    var voters: [NodeID] { raft.confState.voters }

    /// This node and the voters that it has heard lately.
    var connectedVoters: Int {
        voters.count { id in
            id == identity.id || peers[id]?.isConnected == true
        }
    }
}

extension Command {
    /// Whether it travels as a membership change, of which there is only one at a time.
    fileprivate var changesMembership: Bool {
        switch self {
        case .join, .promote, .remove: true
        default: false
        }
    }

    /// Whether only a leader proposes this, on its own; so it never comes from another node.
    fileprivate var isLeadersOwn: Bool {
        switch self {
        case .bootstrap, .place, .promote, .raiseLevel: true
        default: false
        }
    }
}
