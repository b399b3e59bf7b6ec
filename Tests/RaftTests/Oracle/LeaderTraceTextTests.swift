import Raft
import Testing

/// The lines of what only leaders trace; see ``TraceTextTests``.
@Suite("Log lines of leaders")
struct LeaderTraceTextTests {
    @Test("events of members' progress have the log lines of etcd-raft")
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

    @Test("events of proposals and membership changes have the log lines of etcd-raft")
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

    @Test("events of leadership transfers have the log lines of etcd-raft")
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
