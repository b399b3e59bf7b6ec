import Fleet
import Primitives
import Raft
import Wire

// Consensus: what its core wants done becomes effects, and what is committed is applied.
extension Replica {
    mutating func drainRaft() {
        repeat {
            proposeDueBatch()
            drainReadies()
        } while isBatchDue && !isStopped
        writeCommit()
    }

    private mutating func drainReadies() {
        while raft.hasReady, !isStopped {
            let ready = raft.ready()
            if let soft = ready.softState { roleChanged(to: soft) }
            for state in ready.readStates { readConfirmed(state) }
            for message in withVotesAfterAppend(ready.messages) {
                switch message.to {
                case .appendThread: append(message)
                case .applyThread: apply(message)
                default: send(message)
                }
            }
            releaseReads()
        }
    }

    /// Makes the commit index durable after a membership has changed. A node that forgot it in a crash would count votes
    /// in the membership before, and wait for ever for members that are gone.
    private mutating func writeCommit() {
        guard mustWriteCommit, !isStopped else { return }
        mustWriteCommit = false
        // It may have been handed out already, with work that leaves it to what is written next. The journal writes
        // nothing that is on its disk.
        unwrittenCommit = nil
        appendsInFlight.begin()
        let work = Message(
            .storageAppend, from: identity.id, to: .appendThread, term: durablePromise.term, commit: raft.commitIndex,
            vote: durablePromise.vote)
        effects.append(.append(AppendWork(message: work, snapshotStateHash: nil, writesCommit: true)))
    }

    /// Lets a candidate's requests wait until its term and its own vote are durable.
    ///
    /// The others alone may elect it. If it then forgot its term in a crash, they would elect it again in the same term,
    /// and it would give two entries the same index and term.
    private func withVotesAfterAppend(_ messages: [Message]) -> [Message] {
        let requests = messages.filter { $0.kind == .vote }
        guard !requests.isEmpty, let position = messages.firstIndex(where: { $0.to == .appendThread }) else {
            return messages
        }
        var messages = messages
        messages[position].responses.insert(contentsOf: requests, at: 0)
        messages.removeAll { $0.kind == .vote }
        return messages
    }

    /// A snapshot is no message among others: it may be large, so it travels on a connection of its own.
    private mutating func send(_ message: Message) {
        let isSnapshot = message.kind == .snapshot
        effects.append(
            isSnapshot ? .sendSnapshot(to: message.to, message) : .send(to: message.to, .raft(message)))
    }

    mutating func receive(_ message: PeerMessage, from node: NodeID) {
        lastHeard[node] = now
        heardSinceElection.insert(node)
        switch message {
        case .raft(let message) where message.kind == .snapshot:
            refuseMessage(from: node, "a snapshot does not travel among messages")
        case .raft(let message): step(message, from: node)
        case .proposal(let proposal): forwarded(proposal, from: node)
        case .writeFailed(let failed): forwardFailed(failed, at: node)
        case .liveness(let liveness):
            guard liveness.leader == node.rawValue else { return }
            received = ReceivedLiveness(liveness: liveness, at: now)
        }
    }

    mutating func refuseMessage(from node: NodeID, _ why: String) {
        refusedMessages += 1
        effects.append(.notice(.refusedMessage(from: node, why)))
    }

    func isAddressed(_ message: Message, from node: NodeID) -> Bool {
        // The sender is the key that the mesh has proven, never a field.
        message.from == node && message.to == identity.id
    }

    mutating func step(_ message: Message, from node: NodeID) {
        guard message.kind.travels else {
            refuseMessage(from: node, "members say no \(message.kind) to each other")
            return
        }
        guard isAddressed(message, from: node) else {
            refuseMessage(from: node, "it names node \(message.from) as its sender")
            return
        }
        // As if it had been lost: what consensus takes must be written, and a write without room holds up all that
        // follow, votes too. A leader that has heard so sends none.
        if shortage != nil, message.growsLog { return }
        do throws(RaftError) {
            try raft.step(message)
        } catch .proposalDropped {
            // A proposal that came by the core's own way; ours never do.
        } catch {
            refuseMessage(from: node, error.description)
        }
    }

    /// Hands work to the journal, unless nothing of it needs to be durable: how far the log is committed is found out
    /// again after a restart (Raft, figure 2), so an otherwise idle node writes nothing for it.
    ///
    /// A commit index that was not written goes along with whatever is written next. Membership changes take effect when
    /// they are applied, so a node that has a change in its log must know after a restart that the change before it is
    /// committed: otherwise it would count votes in a membership that may share no majority with the present one.
    private mutating func append(_ work: Message) {
        var work = work
        let promise = work.hardState.map { Promise(term: $0.term, vote: $0.vote) }
        let isNew = !work.entries.isEmpty || work.snapshot != nil || (promise.map { $0 != durablePromise } ?? false)
        if let promise { durablePromise = promise }
        guard isNew || appendsInFlight.count > 0 else {
            unwrittenCommit = work.hardState?.commit ?? unwrittenCommit
            completeAppend(work)
            return
        }
        if work.hardState == nil, let unwrittenCommit {
            work.term = durablePromise.term
            work.vote = durablePromise.vote
            work.commit = unwrittenCommit
        }
        unwrittenCommit = nil
        appendsInFlight.begin()
        openLog.append(work.entries)
        effects.append(
            .append(
                AppendWork(
                    message: work, snapshotStateHash: work.snapshot.map(receivedStateHash), writesCommit: false)))
    }

    mutating func appended(_ work: Message) {
        appendsInFlight.complete()
        completeAppend(work)
    }

    private mutating func completeAppend(_ work: Message) {
        if let snapshot = work.snapshot, snapshot.index.rawValue > fleet.appliedIndex {
            takeState(of: snapshot)
            if isStopped { return }
        }
        for message in raft.completeAppend(work) { send(message) }
    }

    private mutating func apply(_ work: Message) {
        let before = (fleet.revision, fleet.members, fleet.accessEntries)
        for entry in work.entries {
            apply(entry)
            if isStopped { return }
        }
        raft.completeApply(work)
        openLog.applied(through: LogIndex(fleet.appliedIndex))
        if before.1 != fleet.members || before.2 != fleet.accessEntries { effects.append(.membersChanged) }
        if before.0 != fleet.revision {
            followChanges()
            effects.append(.stateChanged(revision: fleet.revision))
        }
        considerSnapshot()
    }

    private mutating func apply(_ entry: Entry) {
        bytesSinceSnapshot += entry.data.count
        switch entry.kind {
        case .normal where entry.data.isEmpty: fleet.skip(index: entry.index.rawValue)
        case .normal:
            guard let record = record(entry.data, of: entry) else { return }
            let outcome = fleet.apply(record.envelope, index: entry.index.rawValue)
            decided(record, outcome)
        case .membershipV1:
            stop("entry \(entry.index) holds a membership change of a form that this program never writes")
        case .membership: applyMembership(entry)
        }
        if softState.role == .leader, entry.term == raft.term { beginDuties() }
    }

    private mutating func applyMembership(_ entry: Entry) {
        let change: ConfChangeV2
        do throws(DecodingFailure) {
            change = try ConfChangeV2(decoding: entry.data)
        } catch {
            stop("entry \(entry.index) holds an unreadable membership change: \(error)")
            return
        }
        guard !change.context.isEmpty else {
            // Consensus leaves a joint membership by itself; the fleet has nothing to decide.
            fleet.skip(index: entry.index.rawValue)
            adoptMembership(of: entry)
            return
        }
        guard let record = record(change.context, of: entry) else { return }
        // A newcomer that redeems its ticket again is answered again, and is a member already.
        let isRepeat = if case .join(let join) = record.envelope.command { fleet.isRepeat(join) } else { false }
        let outcome = fleet.apply(record.envelope, index: entry.index.rawValue)
        let isRefused = if case .refused = outcome { true } else { false }
        // Consensus takes the change exactly when the fleet did.
        if !isRepeat, !isRefused { adoptMembership(of: entry) }
        duties?.membershipInFlight = nil
        decided(record, outcome)
    }

    private mutating func adoptMembership(of entry: Entry) {
        do throws(RaftError) {
            effects.append(.notice(.membership(try raft.applyConfChange(in: entry))))
            mustWriteCommit = true
        } catch {
            stop("entry \(entry.index) holds a membership change that is impossible: \(error)")
        }
    }

    private mutating func record(_ bytes: [UInt8], of entry: Entry) -> LogRecord? {
        do throws(DecodingFailure) {
            return try LogRecord(bytes)
        } catch {
            stop(
                "entry \(entry.index) can't be understood (\(error)); this program is older than the one that wrote it")
            return nil
        }
    }

    private mutating func roleChanged(to soft: SoftState) {
        let wasLeader = softState.role == .leader
        softState = soft
        effects.append(.notice(.role(soft.role, term: raft.term, leader: soft.leader)))
        if soft.role == .leader, !wasLeader {
            // Silence is counted from the election on: nobody is dead because we were not listening.
            for member in fleet.members { lastHeard[memberID(member.id)] = now }
            heardSinceElection = []
        }
        if soft.role != .leader { duties = nil }
        handOverOpenWrites()
    }

    mutating func stop(_ reason: String) {
        isStopped = true
        effects.append(.stop(reason: reason))
    }
}

extension Message.Kind {
    /// Whether members say it to each other. The others are a node's own affair: a leader that took a proposal of
    /// consensus from a member would record what nobody has judged, and perhaps nobody can read.
    fileprivate var travels: Bool {
        switch self {
        case .append, .appendResponse, .vote, .voteResponse, .preVote, .preVoteResponse, .snapshot, .heartbeat,
            .heartbeatResponse, .timeoutNow, .readIndex, .readIndexResponse:
            true
        case .propose, .transferLeader, .forgetLeader, .hup, .beat, .unreachable, .snapshotStatus, .checkQuorum,
            .storageAppend, .storageAppendResponse, .storageApply, .storageApplyResponse:
            false
        }
    }
}
