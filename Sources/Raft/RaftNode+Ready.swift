// What leaves a node, and when: nothing that promises before it is durable (Raft, figure 2), everything else at once,
// so that a leader writes while its followers do (Ongaro's thesis, section 10.2.1).
extension RaftNode {
    /// Whether there is something to do.
    public var hasReady: Bool {
        softState != previousSoftState || hardState != previousHardState || !messages.isEmpty
            || !messagesAfterAppend.isEmpty || !readStates.isEmpty || log.unstable.hasNext
            || log.unstable.nextSnapshot != nil || log.hasNextCommitted(allowUnstable: allowsUnstable)
    }

    /// In synchronous mode everything that is handed out is stored before it is applied, so what is not durable yet
    /// may go along.
    private var allowsUnstable: Bool { !configuration.asynchronousStorageWrites }

    /// Takes out everything that is to be done.
    ///
    /// In synchronous mode ``advance()`` must follow before the next call; in asynchronous mode many may be under way,
    /// whose work is to be done in order.
    public mutating func ready() -> Ready {
        precondition(stepsOnAdvance.isEmpty, "the last ready was not followed by advance()")
        var ready = Ready()
        let hard = hardState
        if softState != previousSoftState { ready.softState = softState }
        if hard != previousHardState { ready.hardState = hard }
        ready.entries = Array(log.unstable.next)
        ready.snapshot = log.unstable.nextSnapshot
        ready.committed = log.nextCommitted(allowUnstable: allowsUnstable)
        ready.mustSync =
            !ready.entries.isEmpty || hard.term != previousHardState.term || hard.vote != previousHardState.vote
        swap(&ready.readStates, &readStates)
        swap(&ready.messages, &messages)
        var promises: [Message] = []
        swap(&promises, &messagesAfterAppend)

        if configuration.asynchronousStorageWrites {
            addLocalWork(to: &ready, promises: promises)
        } else {
            ready.messages += promises.filter { $0.to != id }
            stepsOnAdvance = promises.filter { $0.to == id }
            if let acknowledgement = appendAcknowledgement(of: ready) { stepsOnAdvance.append(acknowledgement) }
            if !ready.committed.isEmpty { stepsOnAdvance.append(applyAcknowledgement(of: ready)) }
        }
        accept(ready, hard)
        return ready
    }

    private mutating func accept(_ ready: Ready, _ hard: HardState) {
        previousSoftState = softState
        previousHardState = hard
        log.acceptUnstable()
        if let last = ready.committed.last {
            log.acceptApplying(
                to: last.index, bytes: ready.committed.limitedBytes, allowUnstable: allowsUnstable)
        }
    }

    /// Synchronous mode: everything in the last ``ready()`` is done.
    public mutating func advance() {
        precondition(!configuration.asynchronousStorageWrites, "advance() belongs to synchronous mode")
        var steps: [Message] = []
        swap(&steps, &stepsOnAdvance)
        for message in steps { handleLocal(message) }
    }

    // MARK: Asynchronous mode

    private func addLocalWork(to ready: inout Ready, promises: [Message]) {
        let needsAppend =
            !ready.entries.isEmpty || ready.hardState != nil || ready.snapshot != nil || !promises.isEmpty
        if needsAppend {
            var work = Message(
                .storageAppend, from: id, to: .appendThread, entries: ready.entries, snapshot: ready.snapshot,
                responses: promises)
            if let hard = ready.hardState {
                work.term = hard.term
                work.vote = hard.vote
                work.commit = hard.commit
            }
            if let acknowledgement = appendAcknowledgement(of: ready) { work.responses.append(acknowledgement) }
            ready.messages.append(work)
        }
        if !ready.committed.isEmpty {
            ready.messages.append(
                Message(
                    .storageApply, from: id, to: .applyThread, entries: ready.committed,
                    responses: [applyAcknowledgement(of: ready)]))
        }
    }

    /// What the storage says when the entries and the snapshot of `ready` are durable.
    ///
    /// It names the last entry of the whole log, and is also given when nothing is new but something is still being
    /// written: after leaders changed back and forth, a later acknowledgement can be the only one that still matches
    /// the term and the entries. Its term lets an acknowledgement be dropped that is older than the current leader.
    private func appendAcknowledgement(of ready: Ready) -> Message? {
        let hasUnstable = !log.unstable.entries.isEmpty
        guard hasUnstable || ready.snapshot != nil else { return nil }
        let last = hasUnstable ? log.lastPosition : .zero
        return Message(
            .storageAppendResponse, from: .appendThread, to: id, term: term, logTerm: last.term, index: last.index,
            snapshot: ready.snapshot)
    }

    private func applyAcknowledgement(of ready: Ready) -> Message {
        Message(.storageApplyResponse, from: .applyThread, to: id, entries: ready.committed)
    }
}
