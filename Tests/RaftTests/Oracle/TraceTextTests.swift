import Raft
import Testing

/// Every trace event as the line that the scenarios print for it, also those that no published file holds.
@Suite("Log lines")
struct TraceTextTests {
    private static let at = LogPosition(term: Term(3), index: LogIndex(17))
    private static let here = LogPosition(term: Term(2), index: LogIndex(15))
    private static let joint = ConfState(
        voters: ids(2, 3, 11), learners: ids(5), votersOutgoing: ids(1, 2, 3), learnersNext: ids(1), autoLeave: true)
    private static let plain = ConfState(voters: ids(1, 2, 3))

    private static func ids(_ raw: UInt64...) -> [NodeID] { raw.map { NodeID($0) } }
    private static func id(_ raw: UInt64) -> NodeID { NodeID(raw) }

    private static func vote(_ kind: Message.Kind, _ vote: NodeID?) -> TraceEvent.VoteRequest {
        TraceEvent.VoteRequest(kind: kind, from: id(12), candidate: at, last: here, vote: vote, term: Term(4))
    }

    private static func check(_ lines: [(TraceEvent, Level, String)]) {
        let text = TraceText(id: id(10))
        for (event, level, expected) in lines {
            let (actualLevel, line) = text.line(event)
            #expect(actualLevel == level && line == expected)
        }
    }

    @Test("roles and terms")
    func roles() {
        TraceTextTests.check([
            (
                .switchedConfiguration(TraceTextTests.joint), .info,
                "a switched to configuration voters=(2 3 b)&&(1 2 3) learners=(5) learners_next=(1) autoleave"
            ),
            (
                .switchedConfiguration(TraceTextTests.plain), .info,
                "a switched to configuration voters=(1 2 3)"
            ),
            (.became(.follower, term: Term(4)), .info, "a became follower at term 4"),
            (.became(.candidate, term: Term(4)), .info, "a became candidate at term 4"),
            (.became(.preCandidate, term: Term(4)), .info, "a became pre-candidate at term 4"),
            (.became(.leader, term: Term(4)), .info, "a became leader at term 4"),
            (
                .started(
                    peers: TraceTextTests.ids(1, 2, 12), term: Term(4), commit: LogIndex(16), applied: LogIndex(15),
                    last: TraceTextTests.at), .info,
                "newRaft a [peers: [1,2,c], term: 4, commit: 16, applied: 15, lastindex: 17, lastterm: 3]"
            ),
            (
                .higherTerm(.append, from: TraceTextTests.id(12), term: Term(5), own: Term(4)), .info,
                "a [term: 4] received a MsgApp message with higher term from c [term: 5]"
            ),
            (
                .ignoredLowerTerm(.heartbeatResponse, from: TraceTextTests.id(12), term: Term(3), own: Term(4)), .info,
                "a [term: 4] ignored a MsgHeartbeatResp message with lower term from c [term: 3]"
            ),
            (
                .ignoredStaleAppendAcknowledgement(term: Term(3), own: Term(4)), .info,
                "a [term: 4] ignored entry appends from a MsgStorageAppendResp message with lower term [term: 3]"
            ),
            (.steppedDownWithoutQuorum, .warn, "a stepped down to follower since quorum is not active"),
            (
                .forgotLeader(TraceTextTests.id(12), term: Term(4)), .info,
                "a forgetting leader c at term 4"
            ),
            (.ignoredForgetLeaderWithLease, .error, "ignoring MsgForgetLeader due to ReadOnlyLeaseBased"),
        ])
    }

    @Test("elections")
    func elections() {
        let request = "[logterm: 3, index: 17] at term 4"
        TraceTextTests.check([
            (.startsElection(term: Term(4)), .info, "a is starting a new election at term 4"),
            (.ignoredCampaignAsLeader, .debug, "a ignoring MsgHup because already leader"),
            (.unpromotable, .warn, "a is unpromotable and can not campaign"),
            (
                .campaignBlockedByConfChange(term: Term(4)), .warn,
                "a cannot campaign at term 4 since there are still pending configuration changes to apply"
            ),
            (
                .sentVoteRequest(.vote, to: TraceTextTests.id(12), term: Term(4), last: TraceTextTests.at), .info,
                "a [logterm: 3, index: 17] sent MsgVote request to c at term 4"
            ),
            (
                .sentVoteRequest(.preVote, to: TraceTextTests.id(2), term: Term(4), last: TraceTextTests.at), .info,
                "a [logterm: 3, index: 17] sent MsgPreVote request to 2 at term 4"
            ),
            (
                .receivedVoteResponse(.voteResponse, from: TraceTextTests.id(12), granted: true, term: Term(4)), .info,
                "a received MsgVoteResp from c at term 4"
            ),
            (
                .receivedVoteResponse(.preVoteResponse, from: TraceTextTests.id(12), granted: false, term: Term(4)),
                .info, "a received MsgPreVoteResp rejection from c at term 4"
            ),
            (
                .votesCounted(.voteResponse, granted: 2, rejected: 1), .info,
                "a has received 2 MsgVoteResp votes and 1 vote rejections"
            ),
            (
                .castVote(TraceTextTests.vote(.vote, nil)), .info,
                "a [logterm: 2, index: 15, vote: 0] cast MsgVote for c \(request)"
            ),
            (
                .rejectedVote(TraceTextTests.vote(.preVote, TraceTextTests.id(11))), .info,
                "a [logterm: 2, index: 15, vote: b] rejected MsgPreVote from c \(request)"
            ),
            (
                .ignoredVoteWithinLease(TraceTextTests.vote(.vote, nil), remainingTicks: 3), .info,
                "a [logterm: 2, index: 15, vote: 0] ignored MsgVote from c \(request): "
                    + "lease is not expired (remaining ticks: 3)"
            ),
        ])
    }

    @Test("the log and snapshots that come")
    func log() {
        let marks = TraceEvent.LogMarks(
            committed: LogIndex(16), applied: LogIndex(14), applying: LogIndex(15), unstableOffset: LogIndex(12),
            unstableOffsetInProgress: LogIndex(13), unstableCount: 6)
        TraceTextTests.check([
            (
                .foundConflict(index: LogIndex(5), existing: Term(2), conflicting: Term(3)), .info,
                "found conflict at index 5 [existing term: 2, conflicting term: 3]"
            ),
            (.replacedUnstable(from: LogIndex(5)), .info, "replace the unstable entries from index 5"),
            (.truncatedUnstable(before: LogIndex(5)), .info, "truncate the unstable entries before index 5"),
            (
                .acknowledgedEntryMissing(LogIndex(5)), .info,
                "entry at index 5 missing from unstable log; ignoring"
            ),
            (
                .acknowledgedEntryIsSnapshot(LogIndex(5)), .info,
                "entry at index 5 matched unstable snapshot; ignoring"
            ),
            (
                .acknowledgedEntryReplaced(acknowledged: TraceTextTests.at, here: Term(4)), .info,
                "entry at (index,term)=(17,3) mismatched with entry at (17,4) in unstable log; ignoring"
            ),
            (
                .rejectedAppend(from: TraceTextTests.id(12), previous: TraceTextTests.at, here: Term(2)), .debug,
                "a [logterm: 2, index: 17] rejected MsgApp [logterm: 3, index: 17] from c"
            ),
            (
                .appendRejected(by: TraceTextTests.id(12), index: LogIndex(20), hint: TraceTextTests.at), .debug,
                "a received MsgAppResp(rejected, hint: (index 17, term 3)) from c for index 20"
            ),
            (
                .startsRestore(marks: marks, snapshot: TraceTextTests.at), .info,
                "log [committed=16, applied=14, applying=15, unstable.offset=12, unstable.offsetInProgress=13, "
                    + "len(unstable.Entries)=6] starts to restore snapshot [index: 17, term: 3]"
            ),
            (
                .restored(commit: LogIndex(17), last: TraceTextTests.here, snapshot: TraceTextTests.at), .info,
                "a [commit: 17, lastindex: 15, lastterm: 2] restored snapshot [index: 17, term: 3]"
            ),
            (
                .fastForwarded(commit: LogIndex(12), last: TraceTextTests.here, snapshot: TraceTextTests.at), .info,
                "a [commit: 12, lastindex: 15, lastterm: 2] fast-forwarded commit to snapshot [index: 17, term: 3]"
            ),
            (
                .tookSnapshot(commit: LogIndex(17), snapshot: TraceTextTests.at), .info,
                "a [commit: 17] restored snapshot [index: 17, term: 3]"
            ),
            (
                .ignoredSnapshot(commit: LogIndex(17), snapshot: TraceTextTests.at), .info,
                "a [commit: 17] ignored snapshot [index: 17, term: 3]"
            ),
        ])
    }

    @Test("the progress of members")
    func progress() throws {
        // A leader's view of a learner that got a snapshot, as it really comes about.
        var cluster = Cluster(voters: [1, 2], learners: [3])
        cluster.elect(1)
        let pr = try #require(cluster[1].status.peers.first { $0.id == NodeID(3) }?.progress)
        let state = "StateReplicate match=2 next=3 learner"
        let c = TraceTextTests.id(12)
        TraceTextTests.check([
            (.decreasedProgress(c, pr), .debug, "a decreased progress of c to [\(state)]"),
            (.ignoredSnapshotForInactive(c), .debug, "ignore sending snapshot to c since it is not recently active"),
            (
                .snapshotUnavailable(c), .debug,
                "a failed to send snapshot to c because snapshot is temporarily unavailable"
            ),
            (
                .sentSnapshot(to: c, first: LogIndex(12), commit: LogIndex(16), snapshot: TraceTextTests.at, pr),
                .debug,
                "a [firstindex: 12, commit: 16] sent snapshot[index: 17, term: 3] to c [\(state)]"
            ),
            (.paused(c, pr), .debug, "a paused sending replication messages to c [\(state)]"),
            (
                .recovered(c, pr), .debug,
                "a recovered from needing snapshot, resumed sending replication messages to c [\(state)]"
            ),
            (
                .snapshotReported(c, succeeded: true, pr), .debug,
                "a snapshot succeeded, resumed sending replication messages to c [\(state)]"
            ),
            (
                .snapshotReported(c, succeeded: false, pr), .debug,
                "a snapshot failed, resumed sending replication messages to c [\(state)]"
            ),
            (
                .unreachable(c, pr), .debug,
                "a failed to send message to c because it is unreachable [\(state)]"
            ),
            (.noProgress(c), .debug, "a no progress available for c"),
        ])
    }

    @Test("proposals and membership changes")
    func proposals() {
        let change = ConfChangeV2(
            transition: .jointExplicit,
            changes: [.addVoter(NodeID(1)), .remove(NodeID(2)), .addLearner(NodeID(12)), .update(NodeID(4))])
        let changes =
            "changes:{type:ConfChangeAddNode node_id:1} changes:{type:ConfChangeRemoveNode node_id:2} "
            + "changes:{type:ConfChangeAddLearnerNode node_id:12} changes:{type:ConfChangeUpdateNode node_id:4}"
        let implicit = ConfChangeV2(transition: .jointImplicit, changes: [.remove(NodeID(2))])
        let place = "at config voters=(1 2 3)"
        TraceTextTests.check([
            (.droppedProposalWithoutLeader(term: Term(4)), .info, "a no leader at term 4; dropping proposal"),
            (
                .notForwarding(leader: TraceTextTests.id(12), term: Term(4)), .info,
                "a not forwarding to leader c at term 4; dropping proposal"
            ),
            (
                .droppedProposalInTransfer(to: TraceTextTests.id(12), term: Term(4)), .debug,
                "a [term 4] transfer leadership to c is in progress; dropping proposal"
            ),
            (
                .uncommittedLimit, .warn,
                "a appending new entries to log would exceed uncommitted entry size limit; dropping proposal"
            ),
            (
                .ignoredConfChange(
                    change, at: TraceTextTests.plain, .anotherIsPending(index: LogIndex(9), applied: LogIndex(7))),
                .info,
                "a ignoring conf change transition:ConfChangeTransitionJointExplicit \(changes) \(place): "
                    + "possible unapplied conf change at index 9 (applied to 7)"
            ),
            (
                .ignoredConfChange(implicit, at: TraceTextTests.joint, .mustLeaveJointFirst), .info,
                "a ignoring conf change transition:ConfChangeTransitionJointImplicit "
                    + "changes:{type:ConfChangeRemoveNode node_id:2} at config voters=(2 3 b)&&(1 2 3) learners=(5) "
                    + "learners_next=(1) autoleave: must transition out of joint config first"
            ),
            (
                .ignoredConfChange(.leaveJoint, at: TraceTextTests.plain, .notJoint), .info,
                "a ignoring conf change transition:ConfChangeTransitionAuto \(place): "
                    + "not in joint state; refusing empty conf change"
            ),
            (
                .leavesJoint(TraceTextTests.joint), .info,
                "initiating automatic transition out of joint configuration voters=(2 3 b)&&(1 2 3) learners=(5) "
                    + "learners_next=(1) autoleave"
            ),
            (
                .couldNotLeaveJoint(TraceTextTests.plain), .debug,
                "not initiating automatic transition out of joint configuration voters=(1 2 3): raft proposal dropped"
            ),
            (
                .droppedReadWithoutLeader(term: Term(4)), .info,
                "a no leader at term 4; dropping index reading msg"
            ),
        ])
    }

    @Test("leadership transfers")
    func transfers() {
        let c = TraceTextTests.id(12)
        TraceTextTests.check([
            (.startsTransfer(to: c, term: Term(4)), .info, "a [term 4] starts to transfer leadership to c"),
            (
                .sentTimeoutNowAtOnce(c), .info,
                "a sends MsgTimeoutNow to c immediately as c already has up-to-date log"
            ),
            (.sentTimeoutNow(c), .info, "a sent MsgTimeoutNow to c after received MsgAppResp"),
            (
                .receivedTimeoutNow(from: c, term: Term(4)), .info,
                "a [term 4] received MsgTimeoutNow from c and starts an election to get leadership."
            ),
            (
                .ignoredTimeoutNow(from: c, term: Term(4), .preCandidate), .debug,
                "a [term 4 state StatePreCandidate] ignored MsgTimeoutNow from c"
            ),
            (
                .transferInProgress(to: c, term: Term(4)), .info,
                "a [term 4] transfer leadership to c is in progress, ignores request to same node c"
            ),
            (
                .abortedTransfer(to: c, term: Term(4)), .info,
                "a [term 4] abort previous transferring leadership to c"
            ),
            (.ignoredTransferToLearner, .debug, "a is learner. Ignored transferring leadership"),
            (.ignoredTransferToSelf, .debug, "a is already leader. Ignored transferring leadership to self"),
            (
                .droppedTransferWithoutLeader(term: Term(4)), .info,
                "a no leader at term 4; dropping leader transfer msg"
            ),
        ])
    }
}
