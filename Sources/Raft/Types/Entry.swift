/// One entry of the replicated log.
public struct Entry: Hashable, Sendable {
    /// What an entry's data is.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// Data of the state machine; empty data is the entry that a new leader appends, or a refused change.
        case normal = 0
        /// An encoded ``ConfChange``.
        case membershipV1 = 1
        /// An encoded ``ConfChangeV2``; empty data leaves the joint configuration.
        case membership = 2
    }

    /// The term of the leader that appended it.
    public var term: Term
    public var index: LogIndex
    public var kind: Kind
    public var data: [UInt8]

    public init(term: Term, index: LogIndex, kind: Kind = .normal, data: [UInt8] = []) {
        self.term = term
        self.index = index
        self.kind = kind
        self.data = data
    }

    /// What size limits count: the data and a fixed allowance for term, index, kind and framing.
    public var limitedBytes: UInt64 { UInt64(data.count) + Entry.overheadBytes }

    static let overheadBytes: UInt64 = 24

    /// Whether it changes the membership.
    public var isMembershipChange: Bool { kind != .normal }
}

/// A term and an index together name one entry: two logs that hold the same position hold the same entries up to it
/// (Raft, the log matching property).
public struct LogPosition: Hashable, Sendable {
    public var term: Term
    public var index: LogIndex

    public init(term: Term, index: LogIndex) {
        self.term = term
        self.index = index
    }

    public static let zero = LogPosition(term: .zero, index: .zero)
}
