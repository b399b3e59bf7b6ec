public import Raft

/// One piece of work for the journal: what a raft node wants durable before it speaks.
public struct JournalWrite: Sendable {
    /// Term, vote and commit index, if they changed.
    public var hardState: HardState?
    /// Ascending without gaps. The first may overwrite an entry that is there; all after it are then gone.
    public var entries: [Entry]
    /// A snapshot from the leader, which replaces the whole log before `entries`.
    public var snapshot: JournalSnapshot?
    /// Whether a commit index that comes alone is durable too when the write is completed. Else it is written with what
    /// comes next, because it can be learnt again.
    public var writesCommit: Bool

    public init(
        hardState: HardState? = nil, entries: [Entry] = [], snapshot: JournalSnapshot? = nil, writesCommit: Bool = false
    ) {
        self.hardState = hardState
        self.entries = entries
        self.snapshot = snapshot
        self.writesCommit = writesCommit
    }

    /// The first write of a cluster's first node: its founding entry, which needs no votes and is committed.
    public init(founding entry: Entry) {
        self.init(hardState: HardState(term: entry.term, vote: nil, commit: entry.index), entries: [entry])
    }

    /// What a raft node's message to its storage asks for.
    ///
    /// Stops the program if a snapshot and the hash of its state do not come together: without its hash the snapshot
    /// would be dropped, and with it everything that it stands for.
    ///
    /// - Parameters:
    ///   - message: Of kind `.storageAppend`.
    ///   - snapshotStateHash: Of the state in the message's snapshot; nil if it has none.
    public init(_ message: Message, snapshotStateHash: UInt64?, writesCommit: Bool) {
        precondition(
            (message.snapshot == nil) == (snapshotStateHash == nil),
            "a snapshot and the hash of its state come together")
        var snapshot: JournalSnapshot?
        if let content = message.snapshot, let snapshotStateHash {
            snapshot = JournalSnapshot(snapshot: content, stateHash: snapshotStateHash)
        }
        self.init(
            hardState: message.hardState, entries: message.entries, snapshot: snapshot, writesCommit: writesCommit)
    }

    /// What the group-commit limits count.
    public var payloadBytes: Int { entries.reduce(0) { $0 + $1.data.count } }
}

/// A snapshot as the journal keeps it.
public struct JournalSnapshot: Hashable, Sendable {
    public var snapshot: Snapshot
    /// What the state machine answers for its state at that index: stored with the snapshot and given back with it,
    /// so that a state machine that restores it can compare.
    public var stateHash: UInt64

    public init(snapshot: Snapshot, stateHash: UInt64) {
        self.snapshot = snapshot
        self.stateHash = stateHash
    }
}
