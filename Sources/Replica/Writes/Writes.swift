import Fleet
import Primitives
import Raft
import Reconcile
import Wire

/// Writes of which this node waits to see what becomes, and those that it puts into the log while it leads.
///
/// The node that is asked keeps a write until it sees it applied in its own state, and answers from there. The leader
/// of the moment takes it into its log; the others hand it on.
struct Writes: Sendable {
    /// This node: a leader of its id is the node itself.
    private let identity: Replica.Identity
    /// What is not decided yet, by its request.
    private(set) var pending: [RequestID: PendingWrite] = [:]
    /// What this leader has taken and not proposed yet; empty between steps unless earlier batches are on their way.
    private(set) var batch = ProposalBatch()

    init(identity: Replica.Identity) {
        self.identity = identity
    }

    // MARK: At the node that is asked

    /// Takes a write, or answers it if nothing is to be done for it.
    ///
    /// - Parameters:
    ///   - waiter: What is to be answered; nil for the node's own reports, which are seen when they are applied.
    ///   - isCaughtUp: Whether the state has been confirmed since this node started.
    ///   - noLeader: What is answered because no leader is known; nil if one is.
    /// - Returns: Whether it is new and is to be handed over.
    mutating func submit(
        _ submission: WriteSubmission, for waiter: Waiter?, in fleet: Fleet, isCaughtUp: Bool,
        noLeader: WriteFailure?, at now: Instant, effects: inout Effects
    ) -> Bool {
        func answer(_ result: WriteResult) -> Bool {
            if let waiter { effects.append(.answer(waiter, result)) }
            return false
        }
        if let denial = Admission.denial(of: submission, in: fleet, by: identity.key) {
            // The author may have been admitted by what has not arrived here yet.
            return answer(.failure(isCaughtUp ? .forbidden(denial) : .unavailable(.stateNotKnown)))
        }
        if let outcome = Self.keptAnswer(to: submission, in: fleet) { return answer(.success(outcome)) }
        if case .join(let join) = submission.command, let refusal = malformation(of: join) {
            return answer(.success(.refused([refusal])))
        }
        let request = submission.request
        if pending[request] != nil {
            // The same request again, while the first try is under way: both get the one answer.
            if let waiter { pending[request]?.waiters.append(waiter) }
            return false
        }
        if let noLeader { return answer(.failure(noLeader)) }
        pending[request] = PendingWrite(
            submission: submission, waiters: waiter.map { [$0] } ?? [], deadline: now + ReplicaTiming.writeMilliseconds)
        return true
    }

    /// The requests that are not decided, ascending.
    var open: [RequestID] { pending.keys.sorted() }

    /// Gives a pending write to the leader; twice to the same leader of the same term never.
    ///
    /// - Returns: The write, if this node leads and is to take it itself.
    mutating func handOver(
        _ request: RequestID, to leader: NodeID, in term: Term, effects: inout Effects
    ) -> WriteSubmission? {
        guard let write = pending[request] else { return nil }
        let handover = PendingWrite.Handover(leader: leader, term: term)
        guard write.handedTo != handover else { return nil }
        if write.handedTo != nil { pending[request]?.mayBeRecorded = true }
        pending[request]?.handedTo = handover
        if leader == identity.id { return write.submission }
        let proposal = ForwardedProposal(
            request: request, author: write.submission.author, command: write.submission.command)
        effects.append(.send(to: leader, .proposal(proposal)))
        return nil
    }

    /// A leader says why it did not take a write; only the leader that has it may.
    mutating func failed(_ failed: ForwardedFailure, at node: NodeID, effects: inout Effects) {
        guard pending[failed.request]?.handedTo?.leader == node else { return }
        turnedAway(failed.request, failed.failure, effects: &effects)
    }

    /// The leader did not take a write that is pending here.
    private mutating func turnedAway(_ request: RequestID, _ failure: WriteFailure, effects: inout Effects) {
        guard let write = pending[request] else { return }
        let result: WriteResult
        switch failure {
        case .notLeader:
            // Open until a node leads, or until its deadline.
            pending[request]?.handedTo = nil
            return
        case .refused(let refusals): result = .success(.refused(refusals))
        // A node may speak of this request alone.
        case .outcomeUnknown: result = .failure(.outcomeUnknown(request))
        default: result = .failure(failure)
        }
        // "Nothing was recorded" is not known of what an earlier leader got: it is seen applied, or ends as unknown.
        if !write.mayBeRecorded { answer(request, result, effects: &effects) }
    }

    /// An entry was applied: those who wait for its request here get the answer.
    ///
    /// - Returns: Whether the machine that it changes was changed between the leader's judgement and the entry, which
    ///   recorded nothing: then it is to be handed over once more, to be judged again.
    mutating func decided(_ record: LogRecord, _ outcome: CommandOutcome, effects: inout Effects) -> Bool {
        if case .write = record.envelope.command, outcome.isStale {
            pending[record.request]?.handedTo = nil
            return true
        }
        answer(record.request, .success(outcome), effects: &effects)
        return false
    }

    private mutating func answer(_ request: RequestID, _ result: WriteResult, effects: inout Effects) {
        guard let write = pending.removeValue(forKey: request) else { return }
        for waiter in write.waiters { effects.append(.answer(waiter, result)) }
    }

    /// Nothing waits for this request any more.
    mutating func forget(_ request: RequestID) { pending[request] = nil }

    mutating func expire(at now: Instant, effects: inout Effects) {
        for request in open {
            guard let write = pending[request], write.deadline <= now else { continue }
            answer(request, .failure(.outcomeUnknown(request)), effects: &effects)
        }
    }

    /// The first answer to a write that was applied already.
    static func keptAnswer(to submission: WriteSubmission, in fleet: Fleet) -> CommandOutcome? {
        guard case .write(let write) = submission.command else { return nil }
        return fleet.answer(to: write)
    }

    // MARK: At the leader

    /// Lays an admitted command ready for the log, or puts it there.
    mutating func take(
        _ submission: WriteSubmission, from origin: ProposalBatch.Origin, into log: inout Consensus,
        duties: inout LeaderDuties?, at moment: Moment, effects: inout Effects
    ) throws(WriteFailure) {
        guard !submission.command.changesMembership else {
            return try propose(submission, into: &log, duties: &duties, at: moment, effects: &effects)
        }
        batch.add(try Self.encode(submission, stamp: moment.wall), of: submission.request, from: origin)
        if batch.isFull { proposeBatch(into: &log, effects: &effects) }
    }

    /// Tells the node that handed a command to this leader why it was not taken.
    mutating func turnAway(
        _ request: RequestID, from origin: ProposalBatch.Origin, _ failure: WriteFailure, effects: inout Effects
    ) {
        switch origin {
        case .here: turnedAway(request, failure, effects: &effects)
        case .member(let node):
            effects.append(.send(to: node, .writeFailed(ForwardedFailure(request: request, failure: failure))))
        }
    }

    /// Whether what has been laid ready is to be proposed now.
    func isBatchDue(_ log: Consensus) -> Bool {
        !batch.isEmpty
            && (!log.isLeader || batch.isDue(committed: log.raft.commitIndex, in: log.term))
    }

    /// Puts what has been laid ready into the log.
    mutating func proposeBatch(into log: inout Consensus, effects: inout Effects) {
        let items = batch.take()
        guard !items.isEmpty else { return }
        do throws(WriteFailure) {
            try log.propose(items.map(\.entry))
            batch.proposed(through: log.raft.logEnd, committed: log.raft.commitIndex)
        } catch {
            for item in items { turnAway(item.request, from: item.origin, error, effects: &effects) }
        }
    }

    /// Puts a command into the log by itself, behind those that came before.
    ///
    /// - Throws: Why it is not in the log.
    mutating func propose(
        _ submission: WriteSubmission, into log: inout Consensus, duties: inout LeaderDuties?, at moment: Moment,
        effects: inout Effects
    ) throws(WriteFailure) {
        proposeBatch(into: &log, effects: &effects)
        let bytes = try Self.encode(submission, stamp: moment.wall)
        let change: MemberChange
        switch submission.command {
        case .join(let join): change = .addLearner(NodeID(join.id))
        case .promote(let id): change = .addVoter(NodeID(id))
        case .remove(let id, _):
            try log.handOverBeforeLeaving(NodeID(id))
            change = .remove(NodeID(id))
        default: return try log.propose([Entry(term: .zero, index: .zero, data: bytes)])
        }
        guard duties?.mayChangeMembership == true else { throw .unavailable(.membershipChanging) }
        let data = ConfChangeV2(changes: [change], context: bytes).encoded()
        try log.propose([Entry(term: .zero, index: .zero, kind: .membership, data: data)])
        duties?.membershipProposed(at: moment.now)
    }

    /// Puts what the cluster does by itself into the log, behind what came before: it has no author.
    ///
    /// - Throws: Why it is not in the log.
    mutating func propose(
        own command: Command, as request: RequestID, into log: inout Consensus, at moment: Moment,
        effects: inout Effects
    ) throws(WriteFailure) {
        proposeBatch(into: &log, effects: &effects)
        let envelope = CommandEnvelope(stamp: moment.wall, author: nil, command: command)
        try log.propose([Entry(term: .zero, index: .zero, data: try Self.encode(envelope, of: request))])
    }

    private static func encode(_ submission: WriteSubmission, stamp: WallTime) throws(WriteFailure) -> [UInt8] {
        try encode(
            CommandEnvelope(stamp: stamp, author: submission.author, command: submission.command),
            of: submission.request)
    }

    private static func encode(_ envelope: CommandEnvelope, of request: RequestID) throws(WriteFailure) -> [UInt8] {
        let bytes = LogRecord(request: request, envelope: envelope).bytes
        guard bytes.count <= Limits.entryBytes else {
            throw .tooLarge(bytes: bytes.count, limit: Limits.entryBytes)
        }
        return bytes
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
}
