import Journal
import Raft
import Testing

@Suite("What is given to the journal")
struct JournalWriteTests {
    private static let snapshot = Fixture.snapshot(9, 1)

    private static func message(_ snapshot: Snapshot?) -> Message {
        Message(
            .storageAppend, from: NodeID(3), to: NodeID(3), term: Term(1), entries: [Fixture.entry(10, 1)],
            vote: NodeID(3), snapshot: snapshot)
    }

    @Test("a write to the journal is all that a message to the storage holds, a snapshot with the hash of its state")
    func whole() {
        let plain = JournalWrite(Self.message(nil), snapshotStateHash: nil, writesCommit: true)
        #expect(plain.hardState == Fixture.state(1, vote: 3) && plain.entries == [Fixture.entry(10, 1)])
        #expect(plain.snapshot == nil && plain.writesCommit)
        let write = JournalWrite(Self.message(Self.snapshot.snapshot), snapshotStateHash: 5, writesCommit: false)
        #expect(write.snapshot == JournalSnapshot(snapshot: Self.snapshot.snapshot, stateHash: 5))
        #expect(!write.writesCommit)
    }

    @Test("a write of a snapshot without the hash of its state, or of a hash without a snapshot, stops the program")
    func hashless() async {
        await #expect(processExitsWith: .failure) {
            _ = JournalWrite(Self.message(Self.snapshot.snapshot), snapshotStateHash: nil, writesCommit: false)
        }
        await #expect(processExitsWith: .failure) {
            _ = JournalWrite(Self.message(nil), snapshotStateHash: 5, writesCommit: false)
        }
    }

    @Test("a founder's write to the journal is its entry, committed, without a vote")
    func founding() {
        let write = JournalWrite(founding: Fixture.entry(1, 1))
        #expect(write.hardState == Fixture.state(1, vote: nil, commit: 1))
        #expect(write.entries == [Fixture.entry(1, 1)] && write.snapshot == nil)
    }
}
