import Raft
import Testing

/// How the scenarios write messages, entries and outputs, also where no published file has the case.
@Suite("Printed values")
struct DescribeTests {
    private let one = NodeID(1)
    private let twelve = NodeID(12)

    private func entry(_ index: UInt64, _ text: String) -> Entry {
        Entry(term: Term(2), index: LogIndex(index), data: [UInt8](text.utf8))
    }

    @Test("a printed message names what is set, and nothing else")
    func message() {
        #expect(
            Describe.message(Message(.heartbeat, from: one, to: twelve, term: Term(3), context: [1]))
                == "1->c MsgHeartbeat Term:3 Log:0/0")
        var message = Message(
            .appendResponse, from: twelve, to: one, term: Term(3), logTerm: Term(2), index: LogIndex(9),
            commit: LogIndex(7), reject: true)
        #expect(Describe.message(message) == "c->1 MsgAppResp Term:3 Log:2/9 Rejected (Hint: 0) Commit:7")
        message.vote = twelve
        message.entries = [entry(4, "x")]
        #expect(
            Describe.message(message)
                == "c->1 MsgAppResp Term:3 Log:2/9 Rejected (Hint: 0) Commit:7 Vote:12 "
                + "Entries:[2/4 EntryNormal \"x\"]")
    }

    @Test("printed work for a local thread lists its responses, one level deeper")
    func work() {
        let snapshot = Snapshot(
            metadata: SnapshotMetadata(
                index: LogIndex(9), term: Term(2), confState: ConfState(voters: [one], learners: [twelve])), data: [])
        let acknowledgement = Message(
            .storageAppendResponse, from: .appendThread, to: one, term: Term(3), snapshot: snapshot)
        let accepted = Message(.appendResponse, from: one, to: twelve, term: Term(3), index: LogIndex(9))
        let work = Message(
            .storageAppend, from: one, to: .appendThread, term: Term(3), entries: [entry(4, ""), entry(5, "\"q\"")],
            commit: LogIndex(2), vote: one, responses: [accepted, acknowledgement])
        #expect(
            Describe.message(work) == """
                1->AppendThread MsgStorageAppend Term:3 Log:0/0 Commit:2 Vote:1 Entries:[
                  2/4 EntryNormal ""
                  2/5 EntryNormal "\\"q\\""
                ] Responses:[
                  1->c MsgAppResp Term:3 Log:0/9
                  AppendThread->1 MsgStorageAppendResp Term:3 Log:0/0
                    Snapshot: Index:9 Term:2 ConfState:Voters:[1] VotersOutgoing:[] Learners:[12] \
                LearnersNext:[] AutoLeave:false
                ]
                """)
        let apply = Message(.storageApplyResponse, from: .applyThread, to: one)
        #expect(Describe.message(apply) == "ApplyThread->1 MsgStorageApplyResp Term:0 Log:0/0")
    }

    @Test("every kind of message has its published name")
    func kinds() {
        #expect(
            Message.Kind.allCases.sorted { $0.rawValue < $1.rawValue }.map(Describe.kind) == [
                "MsgHup", "MsgBeat", "MsgProp", "MsgApp", "MsgAppResp", "MsgVote", "MsgVoteResp", "MsgSnap",
                "MsgHeartbeat", "MsgHeartbeatResp", "MsgUnreachable", "MsgSnapStatus", "MsgCheckQuorum",
                "MsgTransferLeader", "MsgTimeoutNow", "MsgReadIndex", "MsgReadIndexResp", "MsgPreVote",
                "MsgPreVoteResp", "MsgStorageAppend", "MsgStorageAppendResp", "MsgStorageApply",
                "MsgStorageApplyResp", "MsgForgetLeader",
            ])
    }

    @Test("printed entries show their kind, and membership changes their steps")
    func entries() {
        let v1 = ConfChange(.addLearner(twelve)).encoded()
        let v2 = ConfChangeV2(changes: [.addVoter(one), .remove(NodeID(2)), .update(NodeID(3))]).encoded()
        #expect(Describe.entry(entry(4, "")) == "2/4 EntryNormal \"\"")
        #expect(Describe.entry(entry(4, "a\\b\t\u{7f}é")) == "2/4 EntryNormal \"a\\\\b\\t\\x7fé\"")
        #expect(Describe.quoted([0xff, 0x41]) == "\"\\xffA\"")
        func change(_ kind: Entry.Kind, _ data: [UInt8]) -> String {
            Describe.entry(Entry(term: Term(2), index: LogIndex(4), kind: kind, data: data))
        }
        #expect(change(.membershipV1, v1) == "2/4 EntryConfChange l12")
        #expect(change(.membership, v2) == "2/4 EntryConfChangeV2 v1 r2 u3")
        #expect(change(.membership, []) == "2/4 EntryConfChangeV2")
    }

    @Test("a printed output lists its parts in order, and is named empty if it has none")
    func ready() {
        #expect(Describe.ready(Ready()) == "<empty Ready>")
        let state = ConfState(voters: [one], learners: [], votersOutgoing: [one, twelve], learnersNext: [twelve])
        let ready = Ready(
            softState: SoftState(leader: twelve, role: .preCandidate),
            hardState: HardState(term: Term(2), vote: twelve, commit: LogIndex(3)),
            readStates: [
                ReadState(index: LogIndex(3), context: [114, 49]), ReadState(index: LogIndex(4), context: []),
            ],
            entries: [entry(4, "a")],
            snapshot: Snapshot(
                metadata: SnapshotMetadata(index: LogIndex(2), term: Term(1), confState: state), data: [1]),
            committed: [entry(3, "b")],
            messages: [Message(.timeoutNow, from: one, to: twelve, term: Term(2))], mustSync: true)
        #expect(
            Describe.ready(ready) == """
                Ready MustSync=true:
                Lead:12 State:StatePreCandidate
                HardState Term:2 Vote:12 Commit:3
                ReadStates [{3 [114 49]} {4 []}]
                Entries:
                2/4 EntryNormal "a"
                Snapshot Index:2 Term:1 ConfState:Voters:[1] VotersOutgoing:[1 12] Learners:[] LearnersNext:[12] \
                AutoLeave:false
                CommittedEntries:
                2/3 EntryNormal "b"
                Messages:
                1->c MsgTimeoutNow Term:2 Log:0/0

                """)
        let hard = Ready(hardState: HardState(term: Term(2), vote: nil, commit: .zero))
        #expect(Describe.ready(hard) == "Ready MustSync=false:\nHardState Term:2 Commit:0\n")
    }

    @Test("a member's printed progress tells what is unusual")
    func progress() throws {
        var cluster = Cluster(voters: [1, 2], learners: [3]) { $0.maxInflightMessages = 1 }
        cluster.elect(1)
        func text(_ raw: UInt64) throws -> String {
            Describe.progress(try #require(cluster[1].status.peers.first { $0.id == NodeID(raw) }?.progress))
        }
        #expect(try text(1) == "StateReplicate match=2 next=3")
        #expect(try text(3) == "StateReplicate match=2 next=3 learner")
        try cluster.propose(1, "x")
        #expect(try text(2) == "StateReplicate match=2 next=4 paused inflight=1[full]")
        cluster.with(1) { $0.reportUnreachable(NodeID(3)) }
        #expect(try text(3) == "StateProbe match=2 next=3 learner")
        for _ in 0..<10 { cluster.with(1) { $0.tick() } }
        #expect(try text(2) == "StateReplicate match=2 next=4 paused inflight=1[full]")
    }
}
