// Linearizable reads without log entries (Ongaro's thesis, section 6.4).
extension RaftNode {
    mutating func forwardRead(_ message: Message) {
        guard let leader else { return note(.droppedReadWithoutLeader(term: term)) }
        var forwarded = message
        forwarded.to = leader
        forwarded.term = .zero
        send(forwarded)
    }

    mutating func takeRead(_ message: Message) {
        let answersAtOnce = configuration.singleVoterReadsAtOnce && membership.voters.isSingleton
        guard hasCommittedInTerm || answersAtOnce else {
            // Until then the commit index may lag behind what an earlier leader answered, and for a single voter
            // behind what it answered itself before it was restarted.
            if postponedReads.count < RaftNode.maxWaitingReads { postponedReads.append(message) }
            return
        }
        confirmRead(message)
    }

    private var hasCommittedInTerm: Bool { log.term(at: log.committed) == term }

    private mutating func confirmRead(_ message: Message) {
        // No other node could have been elected.
        if membership.voters.isSingleton { return answerRead(message, at: log.committed) }
        switch configuration.readOnlyOption {
        case .safe:
            guard reads.requests.count < RaftNode.maxWaitingReads else { return }
            reads.add(message, at: log.committed)
            broadcastHeartbeat()
        case .leaseBased:
            answerRead(message, at: log.committed)
        }
    }

    mutating func releasePostponedReads() {
        guard !postponedReads.isEmpty, hasCommittedInTerm else { return }
        let waiting = postponedReads
        postponedReads = []
        for message in waiting { confirmRead(message) }
    }

    mutating func takeReadConfirmation(_ message: Message) {
        guard configuration.readOnlyOption == .safe, !message.context.isEmpty else { return }
        reads.confirm(message.from, context: message.context)
        for request in reads.release(membership.voters, leader: id) {
            answerRead(request.message, at: request.index)
        }
    }

    private mutating func answerRead(_ message: Message, at index: LogIndex) {
        if message.from == id {
            readStates.append(ReadState(index: index, context: message.entries[0].data))
        } else {
            send(Message(.readIndexResponse, from: id, to: message.from, index: index, entries: message.entries))
        }
    }
}
