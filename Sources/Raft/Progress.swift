/// A leader's view of one member.
public struct Progress: Hashable, Sendable {
    public enum State: UInt8, Hashable, Sendable {
        /// The member's log is not known: one message at a time.
        case probe
        /// Entries are sent ahead of their acknowledgement.
        case replicate
        /// A snapshot is on its way, and nothing else is sent.
        case snapshot
    }

    /// The last entry that the member is known to hold durably; never falls within a term.
    public internal(set) var match: LogIndex = .zero
    /// The next entry to send; always more than `match`.
    public internal(set) var next: LogIndex
    /// The highest commit index in messages sent; what was not sent can't be known there.
    package internal(set) var sentCommit: LogIndex = .zero
    public internal(set) var state: State = .probe
    /// In state `snapshot`: the index of the snapshot that was sent.
    public internal(set) var pendingSnapshot: LogIndex = .zero
    /// In state `snapshot`: ticks since it was sent.
    var snapshotAge = 0
    /// Whether the member was heard since the last quorum check.
    public internal(set) var recentActive = false
    /// Whether appends wait until the member is heard again.
    package internal(set) var appendsPaused = false
    package internal(set) var inflights: Inflights
    public internal(set) var isLearner: Bool

    init(next: LogIndex, window: Inflights.Window, isLearner: Bool) {
        self.next = next
        inflights = Inflights(window: window)
        self.isLearner = isLearner
    }

    /// Whether nothing is sent at the moment.
    public var isPaused: Bool { state == .snapshot || appendsPaused }
    /// How many append messages are not acknowledged.
    public var inflightCount: Int { inflights.count }
    public var inflightIsFull: Bool { inflights.isFull }
}

extension Progress {
    private mutating func enter(_ state: State) {
        appendsPaused = false
        pendingSnapshot = .zero
        snapshotAge = 0
        self.state = state
        inflights.reset()
    }

    /// Sends one message at a time, from behind what is known: the acknowledged log or the snapshot that was sent.
    mutating func becomeProbe() {
        let behindSnapshot = state == .snapshot ? pendingSnapshot : .zero
        enter(.probe)
        next = max(match, behindSnapshot).next
        sentCommit = min(sentCommit, next.previous)
    }

    /// Goes on after a snapshot was sent: when its answer comes, or after a failure at the next heartbeat's.
    mutating func finishSnapshot(succeeded: Bool) {
        // A snapshot that failed counts for nothing: probe from behind what is acknowledged.
        if !succeeded { pendingSnapshot = .zero }
        becomeProbe()
        appendsPaused = true
    }

    /// Sends nothing until the member is heard to take entries again. A snapshot that is on its way ends by itself.
    mutating func pause() {
        if state == .replicate { becomeProbe() }
        appendsPaused = true
    }

    mutating func becomeReplicate() {
        enter(.replicate)
        next = match.next
    }

    mutating func becomeSnapshot(_ index: LogIndex) {
        enter(.snapshot)
        pendingSnapshot = index
        next = index.next
        sentCommit = index
    }

    /// Notes that an append with `count` entries was sent.
    mutating func sentEntries(_ count: Int, bytes: UInt64) {
        switch state {
        case .replicate:
            if count > 0 {
                next = next + count
                inflights.add(next.previous, bytes: bytes)
            }
            // A full window still lets one empty append through for each heartbeat that is answered.
            appendsPaused = inflights.isFull
        case .probe:
            if count > 0 { appendsPaused = true }
        case .snapshot:
            preconditionFailure("an append was sent while a snapshot is on its way")
        }
    }

    /// Whether telling the member `commit` can teach it something.
    func canRaiseCommit(to commit: LogIndex) -> Bool { commit > sentCommit && sentCommit < next.previous }

    /// Takes an acknowledgement; false if it is old.
    mutating func acknowledge(_ index: LogIndex) -> Bool {
        guard index > match else { return false }
        match = index
        next = max(next, index.next)
        appendsPaused = false
        return true
    }

    /// Takes a rejection of the append after `rejected`; false if that is old.
    ///
    /// - Parameter hint: Where the logs may agree.
    mutating func reject(_ rejected: LogIndex, hint: LogIndex) -> Bool {
        if state == .replicate {
            guard rejected > match else { return false }
            next = match.next
        } else {
            // While probing only the one message that is on its way can be rejected.
            guard next.previous == rejected else { return false }
            next = max(min(rejected, hint.next), match.next)
            appendsPaused = false
        }
        sentCommit = min(sentCommit, next.previous)
        return true
    }
}
