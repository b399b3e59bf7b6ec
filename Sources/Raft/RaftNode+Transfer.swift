// Handing leadership over (Ongaro's thesis, section 3.10).
extension RaftNode {
    /// Makes a leader a follower of no leader in its own term, for example because its disk no longer answers: what it
    /// proposed may still be committed by the next leader.
    public mutating func resign() {
        guard isLeader else { return }
        becomeFollower(term, leader: nil)
    }

    mutating func forwardTransfer(_ message: Message) {
        guard let leader else { return note(.droppedTransferWithoutLeader(term: term)) }
        var forwarded = message
        forwarded.to = leader
        send(forwarded)
    }

    /// - Parameter position: Where the progress of the transferee is.
    mutating func startTransfer(_ message: Message, _ position: Int) {
        let transferee = message.from
        if progress[at: position].isLearner { return note(.ignoredTransferToLearner) }
        if let leadTransferee {
            if leadTransferee == transferee { return note(.transferInProgress(to: transferee, term: term)) }
            self.leadTransferee = nil
            note(.abortedTransfer(to: leadTransferee, term: term))
        }
        if transferee == id { return note(.ignoredTransferToSelf) }
        note(.startsTransfer(to: transferee, term: term))
        // It has one election timeout, from now.
        electionElapsed = 0
        leadTransferee = transferee
        if progress[at: position].match == log.lastIndex {
            send(Message(.timeoutNow, from: id, to: transferee))
            note(.sentTimeoutNowAtOnce(transferee))
        } else {
            sendAppend(position, evenIfEmpty: true)
        }
    }
}
