import Primitives
import Raft
import Testing

@testable import Replica

@Suite("Work for the journal")
struct JournalWorkTests {
    private let id = NodeID(1)

    private func work() -> JournalWork {
        JournalWork(promise: JournalWork.Promise(term: Term(3), vote: NodeID(2)))
    }

    private func message(
        term: UInt64 = 3, vote: NodeID? = NodeID(2), commit: UInt64 = 0, entries: [Entry] = []
    ) -> Message {
        Message(
            .storageAppend, from: id, to: .appendThread, term: Term(term), entries: entries, commit: LogIndex(commit),
            vote: vote)
    }

    private let entry = Entry(term: Term(3), index: LogIndex(8), data: [1])

    @Test("a commit index alone is not written, and goes along with what is written next")
    func commitAlone() {
        var journal = work()
        #expect(journal.begin(message(commit: 7)) == nil)
        #expect(journal.unwrittenCommit == LogIndex(7))
        #expect(journal.inFlight.count == 0)
        let entries = Message(.storageAppend, from: id, to: .appendThread, entries: [entry])
        let given = journal.begin(entries)
        #expect(given?.commit == LogIndex(7))
        #expect(given?.term == Term(3))
        #expect(given?.vote == NodeID(2))
        #expect(journal.unwrittenCommit == nil)
    }

    @Test("a new term or vote is written, the same one is not")
    func promise() {
        var journal = work()
        #expect(journal.begin(message()) == nil)
        #expect(journal.begin(message(term: 4, vote: nil)) != nil)
        #expect(journal.promise == JournalWork.Promise(term: Term(4), vote: nil))
        journal.complete()
        #expect(journal.begin(message(term: 4, vote: nil)) == nil)
    }

    @Test("work that need not be durable does not overtake work that is under way")
    func order() {
        var journal = work()
        #expect(journal.begin(message(entries: [entry])) != nil)
        #expect(journal.begin(message(commit: 8)) != nil)
        journal.complete()
        journal.complete()
        #expect(journal.begin(message(commit: 9)) == nil)
    }

    @Test("after a membership has changed, the commit index is written by itself, once")
    func membership() {
        var journal = work()
        #expect(journal.commitWork(from: id, commit: LogIndex(5)) == nil)
        journal.membershipChanged()
        let given = journal.commitWork(from: id, commit: LogIndex(5))
        #expect(given?.commit == LogIndex(5))
        #expect(given?.term == Term(3))
        #expect(journal.inFlight.count == 1)
        #expect(journal.commitWork(from: id, commit: LogIndex(5)) == nil)
    }

    @Test("a journal with work that completes none for long is stalled, one without work is not")
    func stall() {
        var journal = work()
        for _ in 0..<ReplicaTiming.diskStallTicks { journal.tick() }
        #expect(!journal.isStalled)
        _ = journal.begin(message(entries: [entry]))
        for _ in 0..<ReplicaTiming.diskStallTicks { journal.tick() }
        #expect(journal.isStalled)
        journal.complete()
        #expect(!journal.isStalled)
    }
}
