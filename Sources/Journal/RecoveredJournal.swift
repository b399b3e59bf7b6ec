public import Raft

/// What a log held when it was opened: all that a raft node needs to go on.
public struct RecoveredJournal: Sendable {
    public var identity: JournalIdentity
    public var hardState: HardState
    /// The newest snapshot that can be read, checked in every byte.
    public var snapshot: JournalSnapshot?
    /// The entries after the snapshot, without gaps.
    public var entries: [Entry]
    /// How many bytes of a write that a crash interrupted were cut off. Nothing of them was ever acknowledged.
    public var bytesCut: Int
    /// Why the newest snapshot could not be used and the one before it was. To be told to the operator.
    public var unreadableSnapshot: JournalDamage?

    /// Where the snapshot is kept.
    public var snapshotFile: String?

    /// Says that the snapshot's bytes decode to the state that was saved.
    ///
    /// Every byte of the file has its checksum, but only the state machine can tell what the bytes mean: whoever
    /// decodes them asks here before it goes on.
    ///
    /// - Parameter hash: What the state machine answers for the decoded state.
    public func check(stateHash hash: UInt64) throws(JournalError) {
        guard let snapshot, let snapshotFile, snapshot.stateHash != hash else { return }
        throw .damaged(
            JournalDamage(
                file: snapshotFile, offset: 0,
                reason: "the snapshot of index \(snapshot.snapshot.index) decodes to another state than the one that "
                    + "was saved"))
    }

    /// The last entry, or the snapshot if no entry follows it.
    public var last: LogPosition {
        if let entry = entries.last { return LogPosition(term: entry.term, index: entry.index) }
        return snapshot?.snapshot.metadata.position ?? .zero
    }
}
