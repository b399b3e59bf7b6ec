// Messages from outside are checked before they are acted upon.
extension RaftNode {
    /// Takes a message from another node.
    ///
    /// An error means that the message had no effect.
    ///
    /// - Throws: For a local message, a response of a node that is no member, a message that no correct node sends, and
    ///   a proposal that is dropped.
    public mutating func step(_ message: Message) throws(RaftError) {
        guard !message.from.isLocalThread else { throw .localMessage(message.kind) }
        try checkSender(of: message)
        if message.from == id && !message.kind.mayComeBack {
            throw .inconsistentMessage(message.kind, from: message.from, why: "this node did not send it to itself")
        }
        if message.kind.carriesTerm && message.term == .zero {
            throw .inconsistentMessage(message.kind, from: message.from, why: "it has no term")
        }
        try checkContent(of: message)
        try handle(message)
    }

    /// Takes a response of this node to itself, or of its storage, as if a shell delivered the responses of its work
    /// one by one.
    ///
    /// The published scenarios do; shells call ``completeAppend(_:)`` and ``completeApply(_:)``.
    ///
    /// - Throws: For a local message in this node's name, a response if it is no member, and a dropped proposal.
    package mutating func stepOwn(_ message: Message) throws(RaftError) {
        precondition(message.from == id || message.from.isLocalThread, "the message is of node \(message.from)")
        try checkSender(of: message)
        try handle(message)
    }

    /// Takes a message without a term as if its sender had said so on purpose: a candidate follows it back to term
    /// zero, which loses its vote.
    ///
    /// The published scenarios contain such messages, with that outcome; ``step(_:)`` refuses them.
    ///
    /// - Throws: As ``step(_:)``, whose checks of the content are not made.
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
        if message.kind.isResponse && !progress.contains(message.from) { throw .unknownPeer(message.from) }
    }

    /// Refuses what would stop the program, and what no correct node sends.
    private func checkContent(of message: Message) throws(RaftError) {
        func refuse(_ why: String) -> RaftError {
            .inconsistentMessage(message.kind, from: message.from, why: why)
        }
        guard message.term.rawValue < RaftNode.indexLimit else { throw refuse("term \(message.term)") }
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
            guard snapshot.metadata.confState.isConsistent else {
                throw refuse("the snapshot's membership contradicts itself: \(snapshot.metadata.confState)")
            }
        case .appendResponse where message.reject:
            guard message.rejectHint <= message.index else {
                throw refuse("it rejects entry \(message.index) and hints at \(message.rejectHint)")
            }
        case .appendResponse where role == .leader && message.term == term:
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

    /// Far more entries and terms than there will ever be, and far from what overflows.
    private static let indexLimit: UInt64 = 1 << 62
}

extension Message.Kind {
    /// Whether a message may name its receiver as the sender: what a node asked a leader to do comes back to it when it
    /// leads itself meanwhile.
    fileprivate var mayComeBack: Bool {
        switch self {
        case .propose, .readIndex, .transferLeader: true
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
