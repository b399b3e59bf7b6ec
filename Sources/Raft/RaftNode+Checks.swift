// What comes from outside is looked at before it is believed.
extension RaftNode {
    /// Takes a message from another node, or one of this node's own that its storage let go.
    ///
    /// An error means that the message had no effect.
    public mutating func step(_ message: Message) throws(RaftError) {
        try checkSender(of: message)
        if message.kind.carriesTerm && message.term == .zero {
            throw .inconsistentMessage(message.kind, from: message.from, why: "it has no term")
        }
        try checkContent(of: message)
        try handle(message)
    }

    /// Takes a message without a term as if its sender had said so on purpose: a candidate follows it back to term
    /// zero, which loses its vote.
    ///
    /// The published scenarios contain such messages, with that outcome; ``step(_:)`` refuses them.
    package mutating func stepTermless(_ message: Message) throws(RaftError) {
        precondition(message.term == .zero, "the message has term \(message.term)")
        try checkSender(of: message)
        switch message.kind {
        case .append, .heartbeat, .snapshot:
            if role == .candidate || role == .preCandidate {
                term = .zero
                vote = nil
            }
        default: break
        }
        try handle(message)
    }

    private func checkSender(of message: Message) throws(RaftError) {
        guard !message.from.isLocalThread else { return }
        if message.kind.isLocal { throw .localMessage(message.kind) }
        if message.from == id && (message.kind.isAlwaysFromOthers || message.reject) {
            throw .inconsistentMessage(message.kind, from: message.from, why: "this node did not send it to itself")
        }
        if message.kind.isResponse && !progress.contains(message.from) { throw .unknownPeer(message.from) }
    }

    /// Refuses what would stop the program, and what no correct node sends.
    private func checkContent(of message: Message) throws(RaftError) {
        func refuse(_ why: String) -> RaftError {
            .inconsistentMessage(message.kind, from: message.from, why: why)
        }
        switch message.kind {
        case .append: try checkEntries(of: message)
        case .propose:
            guard !message.entries.isEmpty else { throw refuse("it proposes nothing") }
        case .readIndex, .readIndexResponse:
            guard message.entries.count == 1 else { throw refuse("it is about \(message.entries.count) reads") }
        case .heartbeat:
            guard message.commit <= log.lastIndex || message.term < term else {
                throw refuse("commit index \(message.commit) is beyond the last entry here, \(log.lastIndex)")
            }
        case .snapshot:
            guard let snapshot = message.snapshot, snapshot.index > .zero else { throw refuse("it has no snapshot") }
            guard snapshot.index.rawValue < RaftNode.indexLimit else { throw refuse("index \(snapshot.index)") }
            guard snapshot.term <= message.term else {
                throw refuse("the snapshot's term \(snapshot.term) is after its own, \(message.term)")
            }
        case .appendResponse where role == .leader && message.term == term && !message.reject:
            guard message.index <= log.lastIndex else {
                throw refuse("it acknowledges entry \(message.index) of \(log.lastIndex)")
            }
        default: break
        }
    }

    /// Entries follow one another, and terms never fall along a log.
    private func checkEntries(of message: Message) throws(RaftError) {
        var previous = LogPosition(term: message.logTerm, index: message.index)
        var isRight = previous.index.rawValue < RaftNode.indexLimit
        for entry in message.entries where isRight {
            isRight =
                entry.index == previous.index.next && entry.term >= previous.term && entry.term <= message.term
            previous = LogPosition(term: entry.term, index: entry.index)
        }
        guard isRight else {
            throw .inconsistentMessage(
                .append, from: message.from, why: "entry \(previous.index) of term \(previous.term) is out of place")
        }
    }

    /// Far more than any log will have, and far from what overflows.
    private static let indexLimit: UInt64 = 1 << 62
}

extension Message.Kind {
    /// Whether a node never says this to itself; what it asked a leader to do may come back to it.
    fileprivate var isAlwaysFromOthers: Bool {
        switch self {
        case .append, .heartbeat, .heartbeatResponse, .snapshot, .vote, .preVote, .timeoutNow: true
        default: false
        }
    }

    /// Whether a message of this kind means nothing without its sender's term.
    fileprivate var carriesTerm: Bool {
        switch self {
        case .append, .appendResponse, .vote, .voteResponse, .snapshot, .heartbeat, .heartbeatResponse, .timeoutNow,
            .readIndexResponse, .preVote, .preVoteResponse:
            true
        default: false
        }
    }
}
