// Elections (Raft, section 5.2), pre-votes (Ongaro's thesis, section 9.6), and who deserves a vote (Raft, section
// 5.4.1).
extension RaftNode {
    /// Why an election is held.
    enum Campaign {
        /// Asks first who would vote, without raising the term.
        case preElection
        case election
        /// The leader wants this node to take over.
        case transfer
    }

    /// What marks a vote request that the leader itself asked for.
    static let transferMark = [UInt8]("CampaignTransfer".utf8)

    /// Whether this node may become leader: a voter whose log is not waiting for a snapshot.
    var isPromotable: Bool {
        guard let own = progress.position(of: id) else { return false }
        return !progress[at: own].isLearner && log.unstable.snapshot == nil
    }

    mutating func startElection(_ campaign: Campaign) {
        guard !abstains else { return }
        guard role != .leader else { return note(.ignoredCampaignAsLeader) }
        guard isPromotable else { return note(.unpromotable) }
        // A membership change counts only when applied. Before that this node could win with the votes of a majority
        // that is none any more.
        guard !hasUnappliedConfChange else { return note(.campaignBlockedByConfChange(term: term)) }
        note(.startsElection(term: term))
        run(campaign)
    }

    private var hasUnappliedConfChange: Bool {
        log.applied < log.committed
            && log.containsMembershipChange(
                log.applied.next, log.committed.next, pageBytes: configuration.committedBytesLimit)
    }

    private mutating func run(_ campaign: Campaign) {
        let kind: Message.Kind
        let electionTerm: Term
        if campaign == .preElection {
            becomePreCandidate()
            kind = .preVote
            electionTerm = term.next
        } else {
            becomeCandidate()
            kind = .vote
            electionTerm = term
        }
        let last = log.lastPosition
        for voter in membership.voters.voters {
            if voter == id {
                // The own vote counts when it is durable, like every other.
                send(Message(kind.voteResponse, from: id, to: id, term: electionTerm))
                continue
            }
            note(.sentVoteRequest(kind, to: voter, term: term, last: last))
            send(
                Message(
                    kind, from: id, to: voter, term: electionTerm, logTerm: last.term, index: last.index,
                    context: campaign == .transfer ? RaftNode.transferMark : []))
        }
    }

    mutating func handleVoteRequest(_ message: Message) {
        let canVote =
            vote == message.from  // Answered before: the same again.
            || (vote == nil && leader == nil)
            || (message.kind == .preVote && message.term > term)
        let candidate = LogPosition(term: message.logTerm, index: message.index)
        // Learners vote too: one may have been made voter in an entry that it does not know yet.
        guard canVote && log.isUpToDate(candidate) else {
            note(.rejectedVote(describe(message)))
            return send(rejection(of: message))
        }
        note(.castVote(describe(message)))
        // In the request's term: a pre-candidate asks about a term that is not this node's own.
        send(Message(message.kind.voteResponse, from: id, to: message.from, term: message.term))
        if message.kind == .vote {
            electionElapsed = 0
            vote = message.from
        }
    }

    /// A rejection also tells how far the log is committed here.
    ///
    /// A leader that steps down when it applies its own removal may be the only one that knows that this is committed.
    /// Its log may be longer than that of all who stay, and its vote needed by what they know of the membership:
    /// without this no node could ever lead again (TiKV's raft answers so for the same reason).
    private func rejection(of message: Message) -> Message {
        var response = Message(message.kind.voteResponse, from: id, to: message.from, term: term, reject: true)
        if !configuration.hidesCommitFromCandidates, let committedTerm = log.term(at: log.committed) {
            response.commit = log.committed
            response.logTerm = committedTerm
        }
        return response
    }

    /// Takes over how far a voter's log is committed, if this log holds the same there.
    ///
    /// - Returns: Whether that shows that the membership has changed; then the election under way counts the wrong
    ///   votes.
    private mutating func learnCommit(_ message: Message) -> Bool {
        let position = LogPosition(term: message.logTerm, index: message.commit)
        guard message.reject, position.index > log.committed, log.matches(position) else { return false }
        log.commit(to: position.index)
        return hasUnappliedConfChange
    }

    mutating func handleVoteResponse(_ message: Message) {
        note(.receivedVoteResponse(message.kind, from: message.from, granted: !message.reject, term: term))
        if learnCommit(message) { return becomeFollower(term, leader: nil) }
        if !votes.contains(message.from) { votes[message.from] = !message.reject }
        if trace.isOn { noteCount(message.kind) }
        switch membership.voters.result({ votes[$0] }) {
        case .won:
            if role == .preCandidate {
                run(.election)
            } else {
                becomeLeader()
                broadcastAppend()
            }
        case .lost:
            // The term of a pre-vote response may be in the future, so stay in the own.
            becomeFollower(term, leader: nil)
        case .pending: break
        }
    }

    private mutating func noteCount(_ kind: Message.Kind) {
        var granted = 0
        var rejected = 0
        for (member, progress) in zip(progress.ids, progress.values) where !progress.isLearner {
            guard let vote = votes[member] else { continue }
            if vote { granted += 1 } else { rejected += 1 }
        }
        note(.votesCounted(kind, granted: granted, rejected: rejected))
    }

    func describe(_ message: Message) -> TraceEvent.VoteRequest {
        TraceEvent.VoteRequest(
            kind: message.kind, from: message.from,
            candidate: LogPosition(term: message.logTerm, index: message.index), last: log.lastPosition, vote: vote,
            term: term)
    }

    mutating func forgetKnownLeader() {
        if configuration.readOnlyOption == .leaseBased { return note(.ignoredForgetLeaderWithLease) }
        guard let known = leader else { return }
        note(.forgotLeader(known, term: term))
        leader = nil
    }
}

extension Message.Kind {
    /// The answer to a vote request of this kind.
    fileprivate var voteResponse: Message.Kind {
        switch self {
        case .vote: .voteResponse
        case .preVote: .preVoteResponse
        default: preconditionFailure("\(self) asks for no vote")
        }
    }
}
