// Replication as a follower, and what a leader does to make followers follow.
extension RaftNode {
    // MARK: Follower

    mutating func handleAppend(_ message: Message) {
        let previous = LogPosition(term: message.logTerm, index: message.index)
        if previous.index < log.committed {
            // Everything committed agrees anyhow; say how far this log has come.
            return send(Message(.appendResponse, from: id, to: message.from, index: log.committed))
        }
        guard log.matches(previous) else { return rejectAppend(message, previous) }

        let lastNew = previous.index + message.entries.count
        if let offset = log.firstMissing(message.entries, trace: &trace) {
            log.append(message.entries[offset...], trace: &trace)
        }
        // What follows the last new entry here may belong to another leader.
        log.commit(to: min(message.commit, lastNew))
        send(Message(.appendResponse, from: id, to: message.from, index: lastNew))
    }

    /// Tells the leader where the logs may agree, so that it need not try every index.
    private mutating func rejectAppend(_ message: Message, _ previous: LogPosition) {
        note(.rejectedAppend(from: message.from, previous: previous, here: log.term(at: previous.index) ?? .zero))
        let hint = log.conflict(upTo: min(previous.index, log.lastIndex), term: previous.term)
        send(
            Message(
                .appendResponse, from: id, to: message.from, logTerm: hint.term ?? .zero, index: previous.index,
                reject: true, rejectHint: hint.index))
    }

    mutating func handleHeartbeat(_ message: Message) {
        log.commit(to: message.commit)
        send(
            Message(
                .heartbeatResponse, from: id, to: message.from, reject: refusesEntries, context: message.context))
    }

    mutating func forwardProposal(_ message: Message) throws(RaftError) {
        guard let leader else {
            note(.droppedProposalWithoutLeader(term: term))
            throw .proposalDropped
        }
        if configuration.disableProposalForwarding {
            note(.notForwarding(leader: leader, term: term))
            throw .proposalDropped
        }
        var forwarded = message
        forwarded.to = leader
        forwarded.term = .zero
        send(forwarded)
    }

    // MARK: Leader

    mutating func broadcastAppend() {
        for position in 0..<progress.count where progress.ids[position] != id {
            sendAppend(position, evenIfEmpty: true)
        }
    }

    mutating func broadcastHeartbeat() {
        let context = reads.context
        for position in 0..<progress.count where progress.ids[position] != id {
            // Only what the member is known to hold: it takes the commit index as it is.
            let commit = min(progress[at: position].match, log.committed)
            send(Message(.heartbeat, from: id, to: progress.ids[position], commit: commit, context: context))
            progress[at: position].sentCommit = commit
        }
    }

    /// Sends what the member at `position` lacks, entries or a snapshot; false if nothing was sent.
    @discardableResult
    mutating func sendAppend(_ position: Int, evenIfEmpty: Bool) -> Bool {
        if progress[at: position].isPaused { return false }
        let next = progress[at: position].next
        guard let previousTerm = log.term(at: next.previous) else { return sendSnapshot(position) }

        var entries: [Entry] = []
        // Into a full window go only empty appends: one for each heartbeat that is answered, or a window whose
        // messages were all lost would stay full.
        if progress[at: position].state != .replicate || !progress[at: position].inflights.isFull {
            guard let found = log.entries(from: next, maxBytes: configuration.maxBytesPerMessage) else {
                return sendSnapshot(position)
            }
            entries = found
        }
        if entries.isEmpty && !evenIfEmpty { return false }
        let count = entries.count
        let bytes = entries.payloadBytes
        send(
            Message(
                .append, from: id, to: progress.ids[position], logTerm: previousTerm, index: next.previous,
                entries: entries, commit: log.committed))
        progress[at: position].sentEntries(count, bytes: bytes)
        progress[at: position].sentCommit = log.committed
        return true
    }

    private mutating func sendSnapshot(_ position: Int) -> Bool {
        let member = progress.ids[position]
        guard progress[at: position].recentActive else {
            note(.ignoredSnapshotForInactive(member))
            return false
        }
        guard let snapshot = log.unstable.snapshot ?? log.storage.snapshot,
            configuration.sendsAnySnapshot || snapshot.metadata.confState.names(member)
        else {
            note(.snapshotUnavailable(member))
            return false
        }
        if trace.isOn {
            note(
                .sentSnapshot(
                    to: member, first: log.firstIndex, commit: log.committed, snapshot: snapshot.metadata.position,
                    progress[at: position]))
        }
        progress[at: position].becomeSnapshot(snapshot.index)
        if trace.isOn { note(.paused(member, progress[at: position])) }
        send(Message(.snapshot, from: id, to: member, snapshot: snapshot))
        return true
    }

    /// Appends a leader's own entries; false if they exceed the limit of what is not committed.
    mutating func appendOwn(_ entries: consuming [Entry]) -> Bool {
        let last = log.lastIndex
        for offset in entries.indices {
            entries[offset].term = term
            entries[offset].index = last + (offset + 1)
        }
        guard reserveUncommitted(entries.payloadBytes) else {
            note(.uncommittedLimit)
            return false
        }
        let newLast = last + entries.count
        log.append(entries[...], trace: &trace)
        // Counts like a follower's acknowledgement, and so only when the entries are durable here.
        send(Message(.appendResponse, from: id, to: id, index: newLast))
        return true
    }

    /// A payload of zero bytes is never refused (leaving a joint configuration must always be possible), and one
    /// that comes when nothing waits is not either, however large.
    private mutating func reserveUncommitted(_ bytes: UInt64) -> Bool {
        if let limit = configuration.maxUncommittedBytes, uncommittedBytes > 0, bytes > 0,
            uncommittedBytes + bytes > limit
        {
            return false
        }
        uncommittedBytes += bytes
        return true
    }

    /// Commits what a quorum holds, if that is of this term: an older entry can be on a majority and still be
    /// replaced (Raft, figure 8). True if the commit index rose.
    mutating func commitWhatQuorumHolds() -> Bool {
        let index = membership.voters.committedIndex { member in
            progress.position(of: member).map { progress[at: $0].match }
        }
        guard index > log.committed, log.term(at: index) == term else { return false }
        log.commit(to: index)
        return true
    }
}
