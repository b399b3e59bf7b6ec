import Fleet
import Primitives
import Raft
import Testing

@testable import Replica

@Suite("Consensus of one node")
struct ConsensusTests {
    @Test("a founder elects itself, and what it proposes is committed")
    func leads() throws {
        var consensus = PartValues.leader()
        #expect(consensus.isLeader)
        #expect(consensus.softState.role == .leader)
        #expect(consensus.voters == [NodeID(1)])
        var effects = Effects()
        try consensus.propose([Entry(term: .zero, index: .zero, data: [1, 2, 3])])
        let committed = PartValues.settle(&consensus, &effects)
        #expect(committed.map(\.data) == [[1, 2, 3]])
        #expect(consensus.openLog.bytes > 0)
        consensus.applied(through: consensus.raft.commitIndex)
        #expect(consensus.openLog.bytes == 0)
    }

    @Test("a node that does not lead takes no proposal")
    func follower() {
        var consensus = PartValues.consensus()
        #expect(throws: WriteFailure.notLeader) {
            try consensus.propose([Entry(term: .zero, index: .zero, data: [1])])
        }
    }

    @Test("messages that members do not say to each other, or that name another sender, are refused and counted")
    func refusals() {
        var consensus = PartValues.leader()
        var effects = Effects()
        let member = NodeID(2)
        consensus.step(Message(.propose, from: member, to: NodeID(1)), from: member, effects: &effects)
        consensus.step(Message(.heartbeat, from: NodeID(3), to: NodeID(1)), from: member, effects: &effects)
        consensus.step(Message(.heartbeat, from: member, to: NodeID(4)), from: member, effects: &effects)
        #expect(consensus.refusedMessages == 3)
        #expect(effects.notices.count == 3)
    }

    @Test("a leader whose disk has no room takes no entries until it has room again")
    func shortage() throws {
        var consensus = PartValues.leader()
        var effects = Effects()
        #expect(consensus.diskShort(true, effects: &effects))
        #expect(!consensus.diskShort(true, effects: &effects))
        #expect(effects.notices == [.diskShort(true)])
        #expect(throws: WriteFailure.unavailable(.diskFull(leader: 1))) {
            try consensus.propose([Entry(term: .zero, index: .zero, data: [1])])
        }
        #expect(consensus.diskShort(false, effects: &effects))
        try consensus.propose([Entry(term: .zero, index: .zero, data: [1])])
    }

    @Test("a candidate's requests leave with the append that makes its vote durable")
    func votes() {
        let request = Message(.vote, from: NodeID(1), to: NodeID(2), term: Term(2))
        let append = Message(.storageAppend, from: NodeID(1), to: .appendThread, term: Term(2), vote: NodeID(1))
        let other = Message(.heartbeat, from: NodeID(1), to: NodeID(3))
        var held = append
        held.responses = [request]
        #expect([request, append, other].withVotesAfterAppend == [held, other])
        #expect([request, other].withVotesAfterAppend == [request, other])
    }

    @Test("heirs are tried one after the other, and all of them anew when none took over")
    func heirs() {
        var shortage = DiskShortage()
        let heirs = [NodeID(2), NodeID(3)]
        func next() -> NodeID? {
            shortage.nextHeir(of: heirs) { tried in heirs.first { !tried.contains($0) } }
        }
        #expect(next() == NodeID(2))
        #expect(next() == NodeID(3))
        #expect(next() == NodeID(2))
        #expect(shortage.nextHeir(of: []) { _ in nil } == nil)
    }
}

@Suite("Committed entries")
struct CommittedEntryTests {
    private func entry(_ kind: Entry.Kind, _ data: [UInt8]) -> Entry {
        Entry(term: Term(1), index: LogIndex(7), kind: kind, data: data)
    }

    @Test("the first entry of a term is empty, and the founding entry is a change of the membership with a command")
    func understood() throws {
        #expect(try CommittedEntry(entry(.normal, [])) == .empty)
        guard case .membership(.some(let record)) = try CommittedEntry(PartValues.foundingEntry) else {
            Issue.record("no change with a command")
            return
        }
        #expect(record.envelope.command == .bootstrap(PartValues.bootstrap))
        #expect(try CommittedEntry(entry(.normal, record.bytes)) == .command(record))
    }

    @Test("the end of a joint membership holds no command")
    func joint() throws {
        let data = ConfChangeV2(changes: [], context: []).encoded()
        #expect(try CommittedEntry(entry(.membership, data)) == .membership(nil))
    }

    @Test(
        "an entry that is not understood is never skipped", arguments: [Entry.Kind.normal, .membership, .membershipV1])
    func unreadable(_ kind: Entry.Kind) {
        #expect(throws: CommittedEntry.Unreadable.self) { try CommittedEntry(entry(kind, [255, 255, 255])) }
    }
}
