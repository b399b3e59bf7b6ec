// The roles, and what each begins with (Raft, figures 2 and 4).
extension RaftNode {
    mutating func becomeFollower(_ newTerm: Term, leader newLeader: NodeID?) {
        reset(newTerm)
        leader = newLeader
        role = .follower
        note(.became(.follower, term: term))
    }

    mutating func becomeCandidate() {
        precondition(role != .leader, "a leader can't become candidate")
        reset(term.next)
        vote = id
        role = .candidate
        note(.became(.candidate, term: term))
    }

    /// Term and vote stay: nothing is promised in a pre-election.
    mutating func becomePreCandidate() {
        precondition(role != .leader, "a leader can't become pre-candidate")
        votes.removeAll()
        leader = nil
        role = .preCandidate
        note(.became(.preCandidate, term: term))
    }

    mutating func becomeLeader() {
        precondition(role != .follower, "a follower can't become leader without an election")
        reset(term)
        leader = id
        role = .leader
        guard let own = progress.position(of: id) else {
            preconditionFailure("node \(id) won an election without being a member")
        }
        progress[at: own].becomeReplicate()
        progress[at: own].recentActive = true
        // There may be a membership change anywhere in the log. Wait until all of it is applied: that is simpler and
        // cheaper than looking for it.
        pendingConfIndex = log.lastIndex
        // Without an entry of its own term a leader can commit nothing (Raft, section 5.4.2).
        let isAppended = appendOwn([Entry(term: .zero, index: .zero)])
        precondition(isAppended, "an empty entry is never refused")
        note(.became(.leader, term: term))
    }

    /// What every change of role or term begins with.
    private mutating func reset(_ newTerm: Term) {
        if term != newTerm {
            precondition(newTerm > term, "term \(newTerm) is before \(term)")
            term = newTerm
            vote = nil
        }
        leader = nil
        electionElapsed = 0
        heartbeatElapsed = 0
        drawElectionTimeout()
        leadTransferee = nil
        votes.removeAll()
        let last = log.lastIndex
        for position in 0..<progress.count {
            let isLearner = progress[at: position].isLearner
            var fresh = Progress(next: last.next, window: window, isLearner: isLearner)
            if progress.ids[position] == id { fresh.match = last }
            progress[at: position] = fresh
        }
        pendingConfIndex = .zero
        uncommittedBytes = 0
        reads = ReadQueue()
    }

    private mutating func drawElectionTimeout() {
        let ticks = configuration.electionTicks
        randomizedElectionTicks =
            configuration.fixedElectionTicks ?? ticks + Int.random(in: 0..<ticks, using: &generator)
    }
}
