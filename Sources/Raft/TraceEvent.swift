/// What happened inside, for observers: values, not text.
public enum TraceEvent: Hashable, Sendable {
    case switchedConfiguration(ConfState)
    case became(Role, term: Term)
    case started(peers: [NodeID], term: Term, commit: LogIndex, applied: LogIndex, last: LogPosition)

    // Elections.
    case startsElection(term: Term)
    case ignoredCampaignAsLeader
    case unpromotable
    case campaignBlockedByConfChange(term: Term)
    case sentVoteRequest(Message.Kind, to: NodeID, term: Term, last: LogPosition)
    case receivedVoteResponse(Message.Kind, from: NodeID, granted: Bool, term: Term)
    case votesCounted(Message.Kind, granted: Int, rejected: Int)
    case castVote(VoteRequest)
    case rejectedVote(VoteRequest)
    case ignoredVoteWithinLease(VoteRequest, remainingTicks: Int)
    case steppedDownWithoutQuorum
    case forgotLeader(NodeID, term: Term)
    case ignoredForgetLeaderWithLease

    // Terms.
    case higherTerm(Message.Kind, from: NodeID, term: Term, own: Term)
    case ignoredLowerTerm(Message.Kind, from: NodeID, term: Term, own: Term)
    case ignoredStaleAppendAcknowledgement(term: Term, own: Term)

    // The log.
    case foundConflict(index: LogIndex, existing: Term, conflicting: Term)
    case replacedUnstable(from: LogIndex)
    case truncatedUnstable(before: LogIndex)
    case acknowledgedEntryMissing(LogIndex)
    case acknowledgedEntryIsSnapshot(LogIndex)
    case acknowledgedEntryReplaced(acknowledged: LogPosition, here: Term)
    case rejectedAppend(from: NodeID, previous: LogPosition, here: Term)
    case appendRejected(by: NodeID, index: LogIndex, hint: LogPosition)

    // Progress of the members.
    case decreasedProgress(NodeID, Progress)
    case ignoredSnapshotForInactive(NodeID)
    case snapshotUnavailable(NodeID)
    case sentSnapshot(to: NodeID, first: LogIndex, commit: LogIndex, snapshot: LogPosition, Progress)
    case paused(NodeID, Progress)
    case recovered(NodeID, Progress)
    case snapshotReported(NodeID, succeeded: Bool, Progress)
    case unreachable(NodeID, Progress)
    case noProgress(NodeID)

    // Snapshots received.
    case startsRestore(marks: LogMarks, snapshot: LogPosition)
    case restored(commit: LogIndex, last: LogPosition, snapshot: LogPosition)
    case fastForwarded(commit: LogIndex, last: LogPosition, snapshot: LogPosition)
    case tookSnapshot(commit: LogIndex, snapshot: LogPosition)
    case ignoredSnapshot(commit: LogIndex, snapshot: LogPosition)
    case refusedSnapshotWithoutSelf(ConfState)

    // Proposals, membership, reads.
    case droppedProposalWithoutLeader(term: Term)
    case notForwarding(leader: NodeID, term: Term)
    case droppedProposalInTransfer(to: NodeID, term: Term)
    case uncommittedLimit
    case ignoredConfChange(ConfChangeV2, at: ConfState, RefusedChange)
    case leavesJoint(ConfState)
    case couldNotLeaveJoint(ConfState)
    case droppedReadWithoutLeader(term: Term)

    // Leadership transfer.
    case startsTransfer(to: NodeID, term: Term)
    case sentTimeoutNowAtOnce(NodeID)
    case sentTimeoutNow(NodeID)
    case receivedTimeoutNow(from: NodeID, term: Term)
    case ignoredTimeoutNow(from: NodeID, term: Term, Role)
    case transferInProgress(to: NodeID, term: Term)
    case abortedTransfer(to: NodeID, term: Term)
    case ignoredTransferToLearner
    case ignoredTransferToSelf
    case droppedTransferWithoutLeader(term: Term)

    /// A request for a vote, and what the voter was at that moment.
    public struct VoteRequest: Hashable, Sendable {
        public var kind: Message.Kind
        public var from: NodeID
        public var candidate: LogPosition
        public var last: LogPosition
        public var vote: NodeID?
        public var term: Term

        package init(
            kind: Message.Kind, from: NodeID, candidate: LogPosition, last: LogPosition, vote: NodeID?, term: Term
        ) {
            self.kind = kind
            self.from = from
            self.candidate = candidate
            self.last = last
            self.vote = vote
            self.term = term
        }
    }

    /// How far a log is in each respect.
    public struct LogMarks: Hashable, Sendable {
        public var committed: LogIndex
        public var applied: LogIndex
        public var applying: LogIndex
        public var unstableOffset: LogIndex
        public var unstableOffsetInProgress: LogIndex
        public var unstableCount: Int

        package init(
            committed: LogIndex, applied: LogIndex, applying: LogIndex, unstableOffset: LogIndex,
            unstableOffsetInProgress: LogIndex, unstableCount: Int
        ) {
            self.committed = committed
            self.applied = applied
            self.applying = applying
            self.unstableOffset = unstableOffset
            self.unstableOffsetInProgress = unstableOffsetInProgress
            self.unstableCount = unstableCount
        }
    }

    /// Why a leader put an empty entry in place of a membership change.
    public enum RefusedChange: Hashable, Sendable {
        case anotherIsPending(index: LogIndex, applied: LogIndex)
        case mustLeaveJointFirst
        case notJoint
        case impossible(MembershipError)
    }
}

/// Collects trace events while tracing is on.
struct Trace: Equatable, Sendable {
    let isOn: Bool
    private var events: [TraceEvent] = []

    init(isOn: Bool) {
        self.isOn = isOn
    }

    @inline(__always)
    mutating func record(_ event: @autoclosure () -> TraceEvent) {
        if isOn { events.append(event()) }
    }

    mutating func drain() -> [TraceEvent] {
        defer { events = [] }
        return events
    }
}
