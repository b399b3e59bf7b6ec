import Journal
import Raft
import Testing

@testable import Simulation

@Suite("What is known to be durable")
struct DurableLogTests {
    private static func entries(_ term: UInt64, _ indexes: ClosedRange<UInt64>, data: UInt8 = 1) -> [Entry] {
        indexes.map { Entry(term: Term(term), index: LogIndex($0), data: [data]) }
    }

    private static func state(_ term: UInt64, vote: UInt64? = nil) -> HardState {
        HardState(term: Term(term), vote: vote.map { NodeID($0) }, commit: .zero)
    }

    private static func position(_ term: UInt64, _ index: UInt64) -> LogPosition {
        LogPosition(term: Term(term), index: LogIndex(index))
    }

    private static func snapshot(_ term: UInt64, _ index: UInt64) -> JournalSnapshot {
        JournalSnapshot(
            snapshot: Snapshot(
                metadata: SnapshotMetadata(index: LogIndex(index), term: Term(term), confState: ConfState(voters: [])),
                data: []),
            stateHash: 0)
    }

    /// Entries 1 and 2 of term 1, 3 to 5 of term 2.
    private static var log: DurableLog {
        var log = DurableLog()
        log.take(JournalWrite(hardState: state(1), entries: entries(1, 1...4)))
        log.take(JournalWrite(hardState: state(2, vote: 3), entries: entries(2, 3...5)))
        return log
    }

    @Test("later entries take the place of those that they follow")
    func takes() {
        let log = Self.log
        #expect(log.term == Term(2) && log.vote == NodeID(3) && log.last == Self.position(2, 5))
        #expect((0...6).map { log.term(at: LogIndex($0))?.rawValue } == [0, 1, 1, 2, 2, 2, nil])
        var cut = log
        cut.take(JournalWrite(hardState: nil, entries: [], snapshot: Self.snapshot(2, 9)))
        #expect(cut.last == Self.position(2, 9) && cut.term(at: LogIndex(5)) == nil)
    }

    @Test("a start must read back exactly what is durable, in every part")
    func differences() {
        let log = Self.log
        let whole = Self.entries(1, 1...2) + Self.entries(2, 3...5)
        let good = Self.state(2, vote: 3)
        #expect(log.difference(from: good, snapshot: .zero, whole) == nil)
        #expect(log.difference(from: good, snapshot: Self.position(2, 3), Array(whole[3...])) == nil)
        // A log may reach back behind its snapshot.
        #expect(log.difference(from: good, snapshot: Self.position(2, 3), Array(whole[1...])) == nil)
        #expect(log.difference(from: good, snapshot: Self.position(2, 5), []) == nil)
        let wrong: [(HardState, LogPosition, [Entry])] = [
            (Self.state(1, vote: 3), .zero, whole), (Self.state(2), .zero, whole),
            (Self.state(2, vote: 1), .zero, whole),
            (good, .zero, Array(whole.dropLast())),
            (good, .zero, Self.entries(1, 1...3) + Self.entries(2, 4...5)),
            // The data of one entry, and its kind.
            (good, .zero, Self.entries(1, 1...2) + Self.entries(2, 3...4) + Self.entries(2, 5...5, data: 2)),
            (good, .zero, whole.dropLast() + [Entry(term: Term(2), index: LogIndex(5), kind: .membership, data: [1])]),
            // A gap behind the snapshot, and one in the middle.
            (good, .zero, Array(whole[1...])), (good, Self.position(1, 1), Array(whole[2...])),
            (good, .zero, Array(whole[..<2] + whole[3...])),
            // A snapshot of another entry.
            (good, Self.position(1, 3), Array(whole[3...])),
        ]
        for (state, snapshot, entries) in wrong {
            #expect(log.difference(from: state, snapshot: snapshot, entries) != nil, "\(state), \(snapshot)")
        }
    }

    @Test("an acknowledgement of a term that is over reaches as far as the log did in that term")
    func reaches() {
        let log = Self.log
        #expect(log.mayHaveStored(LogIndex(4), in: Term(1)))
        #expect(log.mayHaveStored(LogIndex(2), in: Term(1)))
        // The write that began term 2 holds what its leader sent, so nobody can tell what else came with it.
        #expect(log.mayHaveStored(LogIndex(5), in: Term(1)))
        var voter = DurableLog()
        voter.take(JournalWrite(hardState: Self.state(1), entries: Self.entries(1, 1...4)))
        voter.take(JournalWrite(hardState: Self.state(3, vote: 2), entries: []))
        voter.take(JournalWrite(hardState: nil, entries: Self.entries(3, 5...9)))
        for (index, term, isSound) in [
            (4, 1, true), (5, 1, false), (4, 2, true), (5, 2, false), (9, 2, false),
        ] as [(UInt64, UInt64, Bool)] {
            #expect(voter.mayHaveStored(LogIndex(index), in: Term(term)) == isSound, "\(index) in \(term)")
        }
        // One write may bring an old leader's entries together with the vote for a new one.
        var together = voter
        together.take(JournalWrite(hardState: Self.state(4), entries: Self.entries(3, 10...12)))
        #expect(together.mayHaveStored(LogIndex(12), in: Term(3)) && !together.mayHaveStored(LogIndex(13), in: Term(3)))
    }
}
