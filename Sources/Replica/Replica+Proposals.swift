import Fleet
import Primitives
import Raft
import Wire

// What this node, leading, puts into the log.
extension Replica {
    /// Lays a command ready for the log, or tells whoever it is from why not.
    mutating func take(_ submission: WriteSubmission, from origin: ProposalBatch.Origin) {
        do throws(WriteFailure) {
            // Leadership may have ended with a message that came together with the write; then another takes it.
            guard raft.isLeader else { throw .notLeader }
            let submission = try admit(submission, from: origin)
            guard !submission.command.changesMembership else { return try proposeNow(submission) }
            batch.add(try encoded(submission), of: submission.request, from: origin)
            if batch.isFull { proposeBatch() }
        } catch {
            turnAway(submission.request, from: origin, error)
        }
    }

    /// Whether what has been laid ready is to be proposed now.
    var isBatchDue: Bool {
        !batch.isEmpty && (!raft.isLeader || batch.isDue(committed: raft.commitIndex, in: raft.term))
    }

    mutating func proposeDueBatch() {
        if isBatchDue { proposeBatch() }
    }

    /// Puts what has been laid ready into the log.
    private mutating func proposeBatch() {
        let items = batch.take()
        guard !items.isEmpty else { return }
        do throws(WriteFailure) {
            try propose(items.map(\.entry))
            batch.proposed(through: raft.logEnd, committed: raft.commitIndex)
        } catch {
            for item in items { turnAway(item.request, from: item.origin, error) }
        }
    }

    /// Puts a command into the log by itself.
    mutating func proposeNow(_ submission: WriteSubmission) throws(WriteFailure) {
        // In the order in which they came.
        proposeBatch()
        let bytes = try encoded(submission)
        switch submission.command {
        case .join(let join): try propose(.addLearner(NodeID(join.id)), context: bytes)
        case .promote(let id): try propose(.addVoter(NodeID(id)), context: bytes)
        case .remove(let id, _):
            try handOverBeforeLeaving(NodeID(id))
            try propose(.remove(NodeID(id)), context: bytes)
        default: try propose([Entry(term: .zero, index: .zero, data: bytes)])
        }
    }

    private func encoded(_ submission: WriteSubmission) throws(WriteFailure) -> [UInt8] {
        let envelope = CommandEnvelope(stamp: wall, author: submission.author, command: submission.command)
        let bytes = LogRecord(request: submission.request, envelope: envelope).bytes
        guard bytes.count <= Limits.entryBytes else {
            throw .tooLarge(bytes: bytes.count, limit: Limits.entryBytes)
        }
        return bytes
    }

    private mutating func propose(_ entries: [Entry]) throws(WriteFailure) {
        if shortage != nil { throw .unavailable(.diskFull(leader: identity.id.rawValue)) }
        do throws(RaftError) {
            try raft.propose(entries)
        } catch {
            throw raft.isLeader ? .unavailable(.leaderBusy) : .notLeader
        }
    }

    private mutating func propose(_ change: MemberChange, context: [UInt8]) throws(WriteFailure) {
        // Consensus would turn a second change into an empty entry, and nobody would ever hear of this one.
        guard duties != nil, duties?.membershipInFlight == nil else {
            throw .unavailable(.membershipChanging)
        }
        let change = ConfChangeV2(changes: [change], context: context)
        try propose([Entry(term: .zero, index: .zero, kind: .membership, data: change.encoded())])
        duties?.membershipInFlight = now
    }

    /// One of two voters that leads and is to go hands leadership over first.
    ///
    /// Membership changes when it is applied: the one that stays would need the vote of the one that went until it knows
    /// that the change is committed, and whoever removes a node switches it off.
    private mutating func handOverBeforeLeaving(_ id: NodeID) throws(WriteFailure) {
        guard id == identity.id, voters.count == 2, let heir = voters.first(where: { $0 != id }) else { return }
        raft.transferLeader(to: heir)
        throw .unavailable(.leaderHandsOver(from: id.rawValue, to: heir.rawValue))
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
