// Terms first, then what the role demands (Raft, section 5.1).
extension RaftNode {
    /// Takes a message that can't fail, because only the node itself makes it.
    mutating func handleLocal(_ message: Message) {
        do {
            try handle(message)
        } catch {
            preconditionFailure("a local \(message.kind) message failed: \(error)")
        }
    }

    /// The one way in: settles terms, then does what the role demands.
    mutating func handle(_ message: Message) throws(RaftError) {
        if message.term > term {
            guard acceptsHigherTerm(message) else { return }
        } else if message.term < term && message.term != .zero {
            return handleLowerTerm(message)
        }

        switch message.kind {
        case .hup: campaign()
        case .storageAppendResponse: handleAppended(message)
        case .storageApplyResponse: handleApplied(message)
        case .vote, .preVote: handleVoteRequest(message)
        default:
            switch role {
            case .leader: try stepLeader(message)
            case .follower: try stepFollower(message)
            case .candidate, .preCandidate: try stepCandidate(message)
            }
        }
    }

    /// Follows a message into its term; false if the message is to be ignored.
    private mutating func acceptsHigherTerm(_ message: Message) -> Bool {
        switch message.kind {
        case .vote, .preVote:
            let isTransfer = message.context == RaftNode.transferMark
            // While the leader is heard, no node may replace it, except on its order (Ongaro's thesis, section 4.2.3).
            let isWithinLease =
                configuration.checkQuorum && leader != nil && electionElapsed < configuration.electionTicks
            if isWithinLease && !isTransfer {
                note(
                    .ignoredVoteWithinLease(
                        describe(message), remainingTicks: configuration.electionTicks - electionElapsed))
                return false
            }
            // A pre-candidate asks what would be, so nothing is yet.
            if message.kind == .preVote { return true }
        case .preVoteResponse where !message.reject:
            // Carries the term that the pre-candidate asked for. It raises its term when it has won.
            return true
        default: break
        }
        note(.higherTerm(message.kind, from: message.from, term: message.term, own: term))
        switch message.kind {
        case .append, .heartbeat, .snapshot: becomeFollower(message.term, leader: message.from)
        default: becomeFollower(message.term, leader: nil)
        }
        return true
    }

    private mutating func handleLowerTerm(_ message: Message) {
        switch message.kind {
        case _ where isFromDeposedLeader(message):
            // A leader that is not told would never step down: with these options this node, stuck at a higher term,
            // can't raise the others' terms by campaigning.
            send(Message(.appendResponse, from: id, to: message.from))
        case .preVote:
            // Answered, so that a pre-candidate with a lower term learns the higher one.
            note(.rejectedVote(describe(message)))
            send(Message(.preVoteResponse, from: id, to: message.from, term: term, reject: true))
        case .storageAppendResponse:
            // The entries may have been replaced since by those of another leader; a snapshot can't have been.
            if message.index != .zero { note(.ignoredStaleAppendAcknowledgement(term: message.term, own: term)) }
            if let snapshot = message.snapshot { snapshotStored(snapshot.index) }
        default:
            note(.ignoredLowerTerm(message.kind, from: message.from, term: message.term, own: term))
        }
    }

    private func isFromDeposedLeader(_ message: Message) -> Bool {
        (message.kind == .append || message.kind == .heartbeat)
            && (configuration.checkQuorum || configuration.preVote)
    }

    private mutating func stepFollower(_ message: Message) throws(RaftError) {
        switch message.kind {
        case .propose: try forwardProposal(message)
        case .append:
            hear(leader: message.from)
            handleAppend(message)
        case .heartbeat:
            hear(leader: message.from)
            handleHeartbeat(message)
        case .snapshot:
            hear(leader: message.from)
            handleSnapshot(message)
        case .transferLeader: forwardTransfer(message)
        case .forgetLeader: forgetKnownLeader()
        case .timeoutNow:
            note(.receivedTimeoutNow(from: message.from, term: term))
            // The leader wants this, so no pre-vote: it would be refused within the lease.
            startElection(.transfer)
        case .readIndex: forwardRead(message)
        case .readIndexResponse:
            readStates.append(ReadState(index: message.index, context: message.entries[0].data))
        default: break
        }
    }

    private mutating func stepCandidate(_ message: Message) throws(RaftError) {
        switch message.kind {
        case .propose:
            note(.droppedProposalWithoutLeader(term: term))
            throw .proposalDropped
        case .append:
            // Of this very term, so its sender has won.
            becomeFollower(message.term, leader: message.from)
            handleAppend(message)
        case .heartbeat:
            becomeFollower(message.term, leader: message.from)
            handleHeartbeat(message)
        case .snapshot:
            becomeFollower(message.term, leader: message.from)
            handleSnapshot(message)
        case .voteResponse where role == .candidate, .preVoteResponse where role == .preCandidate:
            handleVoteResponse(message)
        case .timeoutNow: note(.ignoredTimeoutNow(from: message.from, term: term, role))
        default: break
        }
    }

    private mutating func hear(leader: NodeID) {
        electionElapsed = 0
        self.leader = leader
    }

    /// Queues a message, with the term that its kind carries.
    mutating func send(_ message: consuming Message) {
        switch message.kind {
        case .vote, .voteResponse, .preVote, .preVoteResponse:
            // These say which election they are about.
            precondition(message.term != .zero, "a \(message.kind) message needs a term")
        case .propose, .readIndex:
            // Forwarded for others; they are not bound to a term.
            precondition(message.term == .zero, "a \(message.kind) message carries no term")
        default:
            message.term = term
        }
        switch message.kind {
        case .appendResponse, .voteResponse, .preVoteResponse:
            // Each promises something that must survive a crash, so it leaves only when that is durable. A
            // rejection promises too: that the term was seen.
            messagesAfterAppend.append(message)
        default:
            precondition(message.to != id, "a \(message.kind) message to itself")
            messages.append(message)
        }
    }
}
