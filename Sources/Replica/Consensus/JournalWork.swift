import Raft

/// What the journal is given to make durable, and what need not be written.
///
/// The journal gets append work only if something in it must be durable: entries, a snapshot, or a new term or vote.
/// How far the log is committed is found out again after a restart (Raft, figure 2), so an otherwise idle node writes
/// nothing for it.
///
/// A commit index that was not written goes along with whatever is written next. Membership changes take effect when
/// they are applied, so a node that has a change in its log must know after a restart that the change before it is
/// committed: otherwise it would count votes in a membership that may share no majority with the present one.
struct JournalWork: Equatable, Sendable {
    /// Term and vote, which a node must never take back.
    struct Promise: Equatable, Sendable {
        var term: Term
        var vote: NodeID?
    }

    /// What the journal was last given of it.
    private(set) var promise: Promise
    /// A commit index that the journal has not been given; nil if it has the newest that consensus handed out.
    private(set) var unwrittenCommit: LogIndex?
    /// Whether that must not wait for other work: a membership has changed since the last one that did not.
    private var mustWriteCommit = false
    /// Work that the journal was given and has not completed.
    private(set) var inFlight = AppendsInFlight()

    init(promise: Promise) {
        self.promise = promise
    }

    /// Takes work of consensus; answers what the journal is to be given, or nil if nothing of it needs to be durable
    /// and no earlier work is under way, which it must not overtake.
    mutating func begin(_ work: Message) -> Message? {
        var work = work
        let promise = work.hardState.map { Promise(term: $0.term, vote: $0.vote) }
        let isNew =
            !work.entries.isEmpty || work.snapshot != nil || (promise.map { $0 != self.promise } ?? false)
        if let promise { self.promise = promise }
        guard isNew || inFlight.count > 0 else {
            unwrittenCommit = work.hardState?.commit ?? unwrittenCommit
            return nil
        }
        if work.hardState == nil, let unwrittenCommit {
            work.term = self.promise.term
            work.vote = self.promise.vote
            work.commit = unwrittenCommit
        }
        unwrittenCommit = nil
        inFlight.begin()
        return work
    }

    mutating func complete() { inFlight.complete() }

    mutating func tick() { inFlight.tick() }

    /// Whether the journal has work and has completed none for so long that another member is to lead.
    var isStalled: Bool { inFlight.silentTicks >= ReplicaTiming.diskStallTicks }

    /// The commit index is to become durable before long. A node that forgot it in a crash would count votes in the
    /// membership before, and wait without end for members that are gone.
    mutating func membershipChanged() { mustWriteCommit = true }

    /// The work that makes the commit index durable by itself; nil if it may wait for other work.
    mutating func commitWork(from id: NodeID, commit: LogIndex) -> Message? {
        guard mustWriteCommit else { return nil }
        mustWriteCommit = false
        // It may have been handed out already, with work that leaves it to what is written next. The journal writes
        // nothing that is on its disk.
        unwrittenCommit = nil
        inFlight.begin()
        return Message(
            .storageAppend, from: id, to: .appendThread, term: promise.term, commit: commit, vote: promise.vote)
    }
}
