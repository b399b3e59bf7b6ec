import Primitives

// Membership changes (Raft, section 6; Ongaro's thesis, chapter 4): checked when proposed, in force when applied.
extension RaftNode {
    /// Applies a committed membership change; to be called when its entry is applied, before
    /// ``advance()`` or ``completeApply(_:)``.
    ///
    /// - Returns: The membership from then on, which a snapshot at this entry must carry.
    /// - Throws: ``RaftError/invalidMembership(_:)`` if the change is impossible here. That is so on every node, and
    ///   nothing has changed; it only happens with changes that were proposed unchecked.
    @discardableResult
    public mutating func apply(_ change: ConfChangeV2) throws(RaftError) -> ConfState {
        var changer = changer
        do {
            try changer.apply(change)
        } catch {
            throw .invalidMembership(error)
        }
        adopt(changer)
        return confState
    }

    /// The same for a change of one member.
    ///
    /// - Throws: As for a change of several members.
    @discardableResult
    public mutating func apply(_ change: ConfChange) throws(RaftError) -> ConfState {
        try apply(change.general)
    }

    /// Applies the change that a committed entry holds; what shells should call, because it can't be done twice.
    ///
    /// An entry that the membership already includes, for example because a snapshot was received while the entry
    /// waited to be applied, changes nothing.
    ///
    /// - Returns: The membership from then on.
    /// - Throws: ``RaftError/malformedConfChange(_:)``; ``RaftError/invalidMembership(_:)``, with the members
    ///   unchanged.
    @discardableResult
    public mutating func applyConfChange(in entry: Entry) throws(RaftError) -> ConfState {
        guard entry.index > membershipIndex else { return confState }
        let change = try entry.confChange()
        membershipIndex = entry.index
        return try apply(change)
    }

    private var changer: Changer {
        Changer(membership: membership, progress: progress, window: window, lastIndex: log.lastIndex)
    }

    /// Checks a proposed change; one that can't be made now becomes an empty entry.
    mutating func admitConfChange(_ entry: inout Entry, at index: LogIndex) throws(RaftError) {
        let change = try entry.confChange()
        if let refusal = refusal(of: change), !configuration.disableConfChangeValidation {
            note(.ignoredConfChange(change, at: confState, refusal))
            entry = Entry(term: .zero, index: .zero)
            return
        }
        pendingConfIndex = index
    }

    private func refusal(of change: ConfChangeV2) -> TraceEvent.RefusedChange? {
        if pendingConfIndex > log.applied {
            return .anotherIsPending(index: pendingConfIndex, applied: log.applied)
        }
        let leaves = change.changes.isEmpty
        if membership.isJoint && !leaves { return .mustLeaveJointFirst }
        if !membership.isJoint && leaves { return .notJoint }
        // No other change is under way, so this is the very membership that it will be applied to.
        var trial = changer
        do {
            try trial.apply(change)
        } catch {
            return .impossible(error)
        }
        return nil
    }

    /// Makes a membership the one in force.
    mutating func adopt(_ changer: Changer) {
        membership = changer.membership
        progress = changer.progress
        note(.switchedConfiguration(membership.confState))
        guard isLeader else { return }

        guard let own = progress.position(of: id), !progress[at: own].isLearner else {
            // Removed or demoted. It leads on until another node does, unless it is to stop at once.
            if configuration.stepDownOnRemoval { becomeFollower(term, leader: nil) }
            return
        }
        if commitWhatQuorumHolds() {
            // A smaller quorum can mean that more is committed.
            broadcastAppend()
        } else {
            // New members need not wait for a heartbeat.
            for position in 0..<progress.count where progress.ids[position] != id {
                sendAppend(position, evenIfEmpty: false)
            }
        }
        if let transferee = leadTransferee, !membership.voters.contains(transferee) { leadTransferee = nil }
    }

    /// Leaves a joint configuration that was entered to be left without being asked.
    mutating func leaveJointIfDue() {
        guard membership.autoLeave, isLeader, log.applied >= pendingConfIndex else { return }
        let before = membership.confState
        do {
            try propose(ConfChangeV2.leaveJoint)
            note(.leavesJoint(before))
        } catch {
            // For example during a leadership transfer: the next leader does it.
            note(.couldNotLeaveJoint(before))
        }
    }
}

extension Entry {
    /// The membership change that the entry holds; a programmer error for a normal entry.
    ///
    /// - Throws: ``RaftError/malformedConfChange(_:)``.
    public func confChange() throws(RaftError) -> ConfChangeV2 {
        do {
            switch kind {
            case .normal: preconditionFailure("entry \(index) changes no membership")
            case .membershipV1: return try ConfChange(decoding: data).general
            case .membership: return try ConfChangeV2(decoding: data)
            }
        } catch {
            throw .malformedConfChange(error.description)
        }
    }
}
