/// What a snapshot stands for.
public struct SnapshotMetadata: Hashable, Sendable {
    /// The last entry that the snapshot includes.
    public var index: LogIndex
    /// The term of that entry.
    public var term: Term
    /// The membership after that entry.
    public var confState: ConfState

    public init(index: LogIndex, term: Term, confState: ConfState) {
        self.index = index
        self.term = term
        self.confState = confState
    }

    public var position: LogPosition { LogPosition(term: term, index: index) }
}

/// The state machine at one index, in place of the log up to it.
public struct Snapshot: Hashable, Sendable {
    public var metadata: SnapshotMetadata
    /// The state machine's own bytes, or whatever names them to the shell; consensus never looks inside.
    public var data: [UInt8]

    public init(metadata: SnapshotMetadata, data: [UInt8]) {
        self.metadata = metadata
        self.data = data
    }

    public var index: LogIndex { metadata.index }
    public var term: Term { metadata.term }
}
