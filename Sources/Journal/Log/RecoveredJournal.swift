public import Raft

/// What a log held when it was opened: all that a raft node needs to go on.
public struct RecoveredJournal: Sendable {
    public var identity: JournalIdentity
    public var hardState: HardState
    /// The newest snapshot that can be read, checked in every byte, and that the state machine took.
    public var snapshot: JournalSnapshot?
    /// The entries after the snapshot, without gaps.
    public var entries: [Entry]
    /// How many bytes of a write that a crash interrupted were cut off. Nothing of them was ever acknowledged.
    public var bytesCut: Int
    /// Why the newest snapshot could not be used and the one before it was. To be told to the operator.
    public var unreadableSnapshot: JournalDamage?

    /// The last entry, or the snapshot if no entry follows it.
    public var last: LogPosition {
        if let entry = entries.last { return LogPosition(term: entry.term, index: entry.index) }
        return snapshot?.snapshot.metadata.position ?? .zero
    }
}
