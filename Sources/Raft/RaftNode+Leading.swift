// What a leader does with what it hears (Raft, section 5.3), and whether it still leads (Ongaro's thesis, section 6.2).
extension RaftNode {
    mutating func stepLeader(_ message: Message) throws(RaftError) {
        switch message.kind {
        case .beat: return broadcastHeartbeat()
        case .checkQuorum: return checkQuorum()
        case .propose: return try takeProposal(message)
        case .readIndex: return takeRead(message)
        case .forgetLeader: return
        default: break
        }
        // The rest is about one member.
        guard let position = progress.position(of: message.from) else { return note(.noProgress(message.from)) }
        switch message.kind {
        case .appendResponse: handleAppendResponse(message, position)
        case .heartbeatResponse: handleHeartbeatResponse(message, position)
        case .snapshotStatus: handleSnapshotStatus(message, position)
        case .unreachable:
            // Entries sent ahead are probably lost too.
            if progress[at: position].state == .replicate { progress[at: position].becomeProbe() }
            if trace.isOn { note(.unreachable(message.from, progress[at: position])) }
        case .transferLeader: startTransfer(message, position)
        default: break
        }
    }

    mutating func checkQuorum() {
        let hears = membership.voters.result { member in
            member == id || progress[member]?.recentActive == true
        }
        if hears != .won {
            note(.steppedDownWithoutQuorum)
            becomeFollower(term, leader: nil)
        }
        // Every member must be heard again before the next check.
        for position in 0..<progress.count where progress.ids[position] != id {
            progress[at: position].recentActive = false
        }
    }

    private mutating func takeProposal(_ message: Message) throws(RaftError) {
        // Removed, but still leading until it steps down: nothing new begins.
        guard progress.contains(id) else { throw .proposalDropped }
        if let leadTransferee {
            note(.droppedProposalInTransfer(to: leadTransferee, term: term))
            throw .proposalDropped
        }
        var entries = message.entries
        for offset in entries.indices where entries[offset].isMembershipChange {
            try admitConfChange(&entries[offset], at: log.lastIndex + (offset + 1))
        }
        guard appendOwn(entries) else { throw .proposalDropped }
        broadcastAppend()
    }

    private mutating func handleAppendResponse(_ message: Message, _ position: Int) {
        progress[at: position].recentActive = true
        if message.reject { return handleRejection(message, position) }

        let isProbing = progress[at: position].state == .probe
        let isNews = progress[at: position].acknowledge(message.index)
        // A probed member that acknowledges what is known already is not lost: it can be replicated to again.
        guard isNews || (isProbing && progress[at: position].match == message.index) else { return }

        switch progress[at: position].state {
        case .probe: progress[at: position].becomeReplicate()
        case .snapshot where progress[at: position].match.next >= log.firstIndex:
            // Whatever snapshot it was that helped: the log suffices from here.
            if trace.isOn { note(.recovered(message.from, progress[at: position])) }
            progress[at: position].becomeProbe()
            progress[at: position].becomeReplicate()
        case .snapshot: break
        case .replicate: progress[at: position].inflights.free(upTo: message.index)
        }

        let isOther = message.from != id
        if commitWhatQuorumHolds() {
            releasePostponedReads()
            broadcastAppend()
        } else if isOther && progress[at: position].canRaiseCommit(to: log.committed) {
            sendAppend(position, evenIfEmpty: true)
        }
        guard isOther else { return }
        // The window has room again, perhaps for several messages.
        while sendAppend(position, evenIfEmpty: false) {}
        if message.from == leadTransferee && progress[at: position].match == log.lastIndex {
            note(.sentTimeoutNow(message.from))
            send(Message(.timeoutNow, from: id, to: message.from))
        }
    }

    /// Probes from where the logs may agree. The follower's hint skips its entries of later terms than the leader's
    /// entry there; skipping the leader's own entries of later terms than the hint's leaves one probe per term.
    private mutating func handleRejection(_ message: Message, _ position: Int) {
        let hint = LogPosition(term: message.logTerm, index: message.rejectHint)
        note(.appendRejected(by: message.from, index: message.index, hint: hint))
        let probe = hint.term > .zero ? log.conflict(upTo: hint.index, term: hint.term).index : hint.index
        guard progress[at: position].reject(message.index, hint: probe) else { return }
        if trace.isOn { note(.decreasedProgress(message.from, progress[at: position])) }
        if progress[at: position].state == .replicate { progress[at: position].becomeProbe() }
        sendAppend(position, evenIfEmpty: true)
    }

    private mutating func handleHeartbeatResponse(_ message: Message, _ position: Int) {
        progress[at: position].recentActive = true
        // One that takes no entries is heard all the same: it counts for the quorum and confirms reads.
        if message.reject { progress[at: position].pause() } else { resumeAppends(position) }
        takeReadConfirmation(message)
    }

    private mutating func resumeAppends(_ position: Int) {
        progress[at: position].appendsPaused = false
        if progress[at: position].match < log.lastIndex || progress[at: position].state == .probe {
            sendAppend(position, evenIfEmpty: true)
        }
    }

    private mutating func handleSnapshotStatus(_ message: Message, _ position: Int) {
        guard progress[at: position].state == .snapshot else { return }
        finishSnapshot(position, succeeded: !message.reject)
    }

    private mutating func finishSnapshot(_ position: Int, succeeded: Bool) {
        progress[at: position].finishSnapshot(succeeded: succeeded)
        if trace.isOn {
            // What is told is the state that it goes on in, not that it waits a moment.
            var described = progress[at: position]
            described.appendsPaused = false
            note(.snapshotReported(progress.ids[position], succeeded: succeeded, described))
        }
    }

    /// Gives up on snapshots of which nothing was heard for too long.
    mutating func ageSnapshots() {
        guard let limit = configuration.snapshotTicks else { return }
        for position in 0..<progress.count where progress[at: position].state == .snapshot {
            progress[at: position].snapshotAge += 1
            if progress[at: position].snapshotAge >= limit { finishSnapshot(position, succeeded: false) }
        }
    }
}
