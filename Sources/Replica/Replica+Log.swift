import Fleet
import Primitives
import Raft
import Wire

// Routes of consensus: what its core wants done becomes effects, and what is committed is applied.
extension Replica {
    mutating func drainLog() {
        repeat {
            if writes.isBatchDue(consensus) { writes.proposeBatch(into: &consensus, effects: &effects) }
            drainReadies()
        } while writes.isBatchDue(consensus) && !effects.isStopped
        if !effects.isStopped { consensus.writeCommit(effects: &effects) }
    }

    private mutating func drainReadies() {
        while consensus.hasReady, !effects.isStopped {
            let ready = consensus.ready()
            if let soft = ready.softState { roleChanged(to: soft) }
            for state in ready.readStates { reads.confirm(state) }
            for message in ready.messages {
                switch message.to {
                case .appendThread: append(message)
                case .applyThread: apply(message)
                default: consensus.send(message, effects: &effects)
                }
            }
            releaseReads()
        }
    }

    private mutating func roleChanged(to soft: SoftState) {
        let isElected = consensus.take(soft, effects: &effects)
        if isElected { liveness.elected(fleet.members.map { NodeID($0.id) }, at: now) }
        if soft.role != .leader { duties = nil }
        handOverOpenWrites()
    }

    // MARK: Messages

    mutating func receive(_ message: PeerMessage, from node: NodeID) {
        liveness.heard(node, at: now)
        switch message {
        case .raft(let message) where message.kind == .snapshot:
            consensus.refuseMessage(
                from: node, "a snapshot does not travel among messages", effects: &effects)
        case .raft(let message): consensus.step(message, from: node, effects: &effects)
        case .proposal(let proposal): forwarded(proposal, from: node)
        case .writeFailed(let failed): writes.failed(failed, at: node, effects: &effects)
        case .liveness(let told): liveness.told(told, by: node, at: now)
        }
    }

    mutating func snapshotReceived(_ message: Message, _ received: Fleet, from node: NodeID) {
        guard let snapshot = message.snapshot, message.kind == .snapshot,
            snapshot.index.rawValue == received.appliedIndex
        else {
            consensus.refuseMessage(
                from: node, "its snapshot is not the state that it names", effects: &effects)
            return
        }
        liveness.heard(node, at: now)
        guard consensus.isAddressed(message, from: node) else {
            consensus.refuseMessage(from: node, "its snapshot is for another node", effects: &effects)
            return
        }
        let isNew = snapshots.receive(received, at: snapshot.index)
        consensus.step(message, from: node, effects: &effects)
        if isNew, !consensus.raft.awaits(snapshot: snapshot.index) { snapshots.drop(snapshot.index) }
    }

    // MARK: The journal

    private mutating func append(_ work: Message) {
        let hash = work.snapshot.map { snapshots.stateHash(of: $0) }
        if let complete = consensus.append(work, snapshotStateHash: hash, effects: &effects) {
            completeAppend(complete)
        }
    }

    mutating func completeAppend(_ work: Message) {
        if let snapshot = work.snapshot, snapshot.index.rawValue > fleet.appliedIndex { takeState(of: snapshot) }
        consensus.complete(work, effects: &effects)
    }

    /// The state machine takes a leader's snapshot, which is durable now, before consensus goes on from it.
    private mutating func takeState(of snapshot: Snapshot) {
        fleet = snapshots.take(snapshot)
        consensus.applied(through: snapshot.index)
        effects.notice(.restoredSnapshot(index: snapshot.index))
        adoptState()
        effects.append(.membersChanged)
        effects.append(.stateChanged(revision: fleet.revision))
    }

    /// Has the state stored if that is due.
    mutating func considerSnapshot() {
        let applied = LogIndex(fleet.appliedIndex)
        guard snapshots.isDue(consensus.situation(applied: applied), at: now),
            let metadata = consensus.snapshotMetadata(at: applied)
        else { return }
        snapshots.store(SnapshotOrder(metadata: metadata, fleet: fleet), effects: &effects)
    }

    // MARK: The state

    private mutating func apply(_ work: Message) {
        let before = (fleet.revision, fleet.members, fleet.accessEntries)
        for entry in work.entries {
            apply(entry)
            if effects.isStopped { return }
        }
        consensus.applied(work)
        consensus.applied(through: LogIndex(fleet.appliedIndex))
        if before.1 != fleet.members || before.2 != fleet.accessEntries { effects.append(.membersChanged) }
        if before.0 != fleet.revision {
            followChanges()
            effects.append(.stateChanged(revision: fleet.revision))
        }
        considerSnapshot()
    }

    private mutating func apply(_ entry: Entry) {
        snapshots.applied(bytes: entry.data.count)
        let committed: CommittedEntry
        do throws(CommittedEntry.Unreadable) {
            committed = try CommittedEntry(entry)
        } catch {
            effects.stop(error.reason)
            return
        }
        switch committed {
        case .empty: fleet.skip(index: entry.index.rawValue)
        case .command(let record):
            decided(record, fleet.apply(record.envelope, index: entry.index.rawValue))
        case .membership(nil):
            fleet.skip(index: entry.index.rawValue)
            consensus.adoptMembership(of: entry, effects: &effects)
        case .membership(.some(let record)): applyMembership(record, of: entry)
        }
        if consensus.softState.role == .leader, entry.term == consensus.term { beginDuties() }
    }

    private mutating func applyMembership(_ record: LogRecord, of entry: Entry) {
        // A newcomer that redeems its ticket again is answered again, and is a member already.
        let isRepeat = if case .join(let join) = record.envelope.command { fleet.isRepeat(join) } else { false }
        let outcome = fleet.apply(record.envelope, index: entry.index.rawValue)
        let isRefused = if case .refused = outcome { true } else { false }
        // Consensus takes the change exactly when the fleet did.
        if !isRepeat, !isRefused { consensus.adoptMembership(of: entry, effects: &effects) }
        duties?.membershipDecided()
        decided(record, outcome)
    }

    /// Tells the parts that may wait for an entry that it is applied.
    private mutating func decided(_ record: LogRecord, _ outcome: CommandOutcome) {
        if writes.decided(record, outcome, effects: &effects) { handOver(record.request) }
        noteChanges()
        reporter.decided(record.request, outcome)
        duties?.decided(record.request, outcome, in: fleet, at: moment.now)
    }
}
