/// What nodes, and a node and its own storage, say to each other.
///
/// One flat form for all kinds: a field that a kind does not use is zero, empty, or nil.
public struct Message: Hashable, Sendable {
    /// What a message is; the numbers are stable, because they go over the wire.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// Local: start an election.
        case hup = 0
        /// Local: send heartbeats.
        case beat = 1
        /// Proposals in `entries`, from anywhere to the leader.
        case propose = 2
        /// Entries after (`logTerm`, `index`), and the leader's commit index.
        case append = 3
        /// `index` is stored, or rejected with `rejectHint` and `logTerm` as where to try.
        case appendResponse = 4
        case vote = 5
        /// The vote, or with `reject` none, and then the voter's commit index in `commit` and its term in `logTerm`.
        case voteResponse = 6
        /// The leader's snapshot.
        case snapshot = 7
        case heartbeat = 8
        case heartbeatResponse = 9
        /// Local: `from` could not be reached.
        case unreachable = 10
        /// Local: sending a snapshot to `from` ended, badly if `reject`.
        case snapshotStatus = 11
        /// Local: does the leader still hear a majority?
        case checkQuorum = 12
        /// `from` shall become leader.
        case transferLeader = 13
        /// The receiver shall campaign at once.
        case timeoutNow = 14
        /// Which index must be applied before reading what `entries[0].data` names?
        case readIndex = 15
        case readIndexResponse = 16
        case preVote = 17
        case preVoteResponse = 18
        /// Local work: make entries, hard state and snapshot durable, then deliver `responses`.
        case storageAppend = 19
        case storageAppendResponse = 20
        /// Local work: apply the entries, then deliver `responses`.
        case storageApply = 21
        case storageApplyResponse = 22
        /// The receiver shall no longer hold its leader for alive.
        case forgetLeader = 23
    }

    public var kind: Kind
    public var from: NodeID
    public var to: NodeID
    /// The sender's term; zero for local messages and those that carry none.
    public var term: Term
    /// The term of the entry at `index`, where the kind has one.
    public var logTerm: Term
    public var index: LogIndex
    public var entries: [Entry]
    public var commit: LogIndex
    /// Only in ``Kind/storageAppend``: the vote to be stored.
    public var vote: NodeID?
    public var snapshot: Snapshot?
    public var reject: Bool
    public var rejectHint: LogIndex
    /// Opaque: the round of a heartbeat, or the mark of an election that a leadership transfer began.
    public var context: [UInt8]
    /// Only in local work: what to deliver when it is done.
    public var responses: [Message]

    public init(
        _ kind: Kind, from: NodeID, to: NodeID, term: Term = .zero, logTerm: Term = .zero, index: LogIndex = .zero,
        entries: [Entry] = [], commit: LogIndex = .zero, vote: NodeID? = nil, snapshot: Snapshot? = nil,
        reject: Bool = false, rejectHint: LogIndex = .zero, context: [UInt8] = [], responses: [Message] = []
    ) {
        self.kind = kind
        self.from = from
        self.to = to
        self.term = term
        self.logTerm = logTerm
        self.index = index
        self.entries = entries
        self.commit = commit
        self.vote = vote
        self.snapshot = snapshot
        self.reject = reject
        self.rejectHint = rejectHint
        self.context = context
        self.responses = responses
    }

    /// In ``Kind/storageAppend``: the hard state to store, if it changed.
    public var hardState: HardState? {
        guard kind == .storageAppend, term != .zero || vote != nil || commit != .zero else { return nil }
        return HardState(term: term, vote: vote, commit: commit)
    }
}

extension Message.Kind {
    /// Whether a message of this kind never comes from another node.
    public var isLocal: Bool {
        switch self {
        case .hup, .beat, .unreachable, .snapshotStatus, .checkQuorum, .storageAppend, .storageAppendResponse,
            .storageApply, .storageApplyResponse:
            true
        default: false
        }
    }

    /// Whether it answers another message, and so means nothing from a stranger.
    public var isResponse: Bool {
        switch self {
        case .appendResponse, .voteResponse, .heartbeatResponse, .unreachable, .readIndexResponse, .preVoteResponse,
            .storageAppendResponse, .storageApplyResponse:
            true
        default: false
        }
    }
}
