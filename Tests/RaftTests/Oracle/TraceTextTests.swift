import Raft
import Testing

/// Every trace event as the line that the scenarios print for it, also those that no published file holds.
@Suite("Log lines")
struct TraceTextTests {
    static let at = LogPosition(term: Term(3), index: LogIndex(17))
    static let here = LogPosition(term: Term(2), index: LogIndex(15))
    static let joint = ConfState(
        voters: ids(2, 3, 11), learners: ids(5), votersOutgoing: ids(1, 2, 3), learnersNext: ids(1), autoLeave: true)
    static let plain = ConfState(voters: ids(1, 2, 3))

    static func ids(_ raw: UInt64...) -> [NodeID] { raw.map { NodeID($0) } }
    static func id(_ raw: UInt64) -> NodeID { NodeID(raw) }

    static func vote(_ kind: Message.Kind, _ vote: NodeID?) -> TraceEvent.VoteRequest {
        TraceEvent.VoteRequest(kind: kind, from: id(12), candidate: at, last: here, vote: vote, term: Term(4))
    }

    static func check(_ lines: [(TraceEvent, Level, String)]) {
        let text = TraceText(id: id(10))
        for (event, level, expected) in lines {
            let (actualLevel, line) = text.line(event)
            #expect(actualLevel == level && line == expected)
        }
    }

    @Test("events of roles and terms have the log lines of etcd-raft")
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

    @Test("events of elections have the log lines of etcd-raft")
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

    @Test("events of the log and of received snapshots have the log lines of etcd-raft")
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
}
