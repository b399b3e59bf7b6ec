// Snapshots that a leader sends in place of a log that it no longer has (Raft, section 7).
extension RaftNode {
    /// Members that this leader can't bring up to date: their next entry is compacted, and there is no snapshot that
    /// names them. They wait until the shell has made one with ``MemoryStorage/createSnapshot(at:confState:data:)``.
    public var membersWaitingForSnapshot: [NodeID] {
        guard isLeader else { return [] }
        return zip(progress.ids, progress.values).filter { member, progress in
            member != id && progress.state != .snapshot && log.term(at: progress.next.previous) == nil
                && log.storage.snapshot?.metadata.confState.names(member) != true
        }.map(\.0)
    }

    /// Whether a leader's snapshot of this index has been taken and is not yet known to be durable.
    public func awaits(snapshot index: LogIndex) -> Bool { log.unstable.snapshot?.index == index }

    mutating func handleSnapshot(_ message: Message) {
        guard let snapshot = message.snapshot else { return }
        let position = snapshot.metadata.position
        if restore(snapshot) {
            note(.tookSnapshot(commit: log.committed, snapshot: position))
            send(Message(.appendResponse, from: id, to: message.from, index: log.lastIndex))
        } else {
            note(.ignoredSnapshot(commit: log.committed, snapshot: position))
            send(Message(.appendResponse, from: id, to: message.from, index: log.committed))
        }
    }

    /// Starts over from a leader's snapshot; false if this log has what it holds.
    private mutating func restore(_ snapshot: Snapshot) -> Bool {
        guard snapshot.index > log.committed else { return false }
        let state = snapshot.metadata.confState
        guard state.names(id) else {
            note(.refusedSnapshotWithoutSelf(state))
            return false
        }
        let position = snapshot.metadata.position
        if log.matches(position) {
            note(.fastForwarded(commit: log.committed, last: log.lastPosition, snapshot: position))
            log.commit(to: snapshot.index)
            return false
        }
        log.restore(snapshot, trace: &trace)
        membershipIndex = snapshot.index
        adopt(Changer(restoring: state, window: window, lastIndex: log.lastIndex))
        note(.restored(commit: log.committed, last: log.lastPosition, snapshot: position))
        return true
    }

    /// A received snapshot is durable, and the state machine stands at it.
    mutating func snapshotStored(_ index: LogIndex) {
        log.stabilizeSnapshot(index)
        applied(to: index, bytes: 0)
    }
}
