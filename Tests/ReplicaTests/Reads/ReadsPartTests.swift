import Primitives
import Raft
import Testing

@testable import Replica

@Suite("Rounds of reads")
struct ReadsPartTests {
    private let now = PartValues.now
    private let index = LogIndex(7)

    private func reads() -> Reads { Reads(node: NodeID(1), nonce: 42) }

    private func start(_ reads: inout Reads, at now: Instant) throws -> [UInt8] {
        let context = reads.startRound(at: now)
        return try #require(context)
    }

    private func caller(_ number: UInt64) -> Reads.Reader { .caller(Waiter(number)) }

    @Test("a confirmed read is released once the state has reached the index, and not before")
    func released() throws {
        var reads = reads()
        #expect(reads.startRound(at: now) == nil)
        reads.add(caller(1), at: now)
        reads.add(.machineLoop, at: now)
        let context = try start(&reads, at: now)
        reads.confirm(ReadState(index: index, context: context))
        #expect(reads.release(through: index.previous).count == 0)
        #expect(reads.release(through: index).map(\.reader) == [caller(1), .machineLoop])
        #expect(reads.release(through: index).count == 0)
    }

    @Test("a read that arrives while a round is under way waits for the next")
    func nextRound() throws {
        var reads = reads()
        reads.add(caller(1), at: now)
        let first = try start(&reads, at: now)
        reads.add(caller(2), at: now)
        #expect(reads.startRound(at: now) == nil)
        reads.confirm(ReadState(index: index, context: first))
        #expect(reads.release(through: index).map(\.reader) == [caller(1)])
        let second = try start(&reads, at: now)
        #expect(second != first)
        reads.confirm(ReadState(index: index, context: second))
        #expect(reads.release(through: index).map(\.reader) == [caller(2)])
    }

    @Test("a round without an answer begins anew, and a late answer proves for the reads that it took along alone")
    func lateAnswer() throws {
        var reads = reads()
        reads.add(caller(1), at: now)
        let first = try start(&reads, at: now)
        reads.add(caller(2), at: now)
        let later = now + ReplicaTiming.readRoundMilliseconds
        let second = try start(&reads, at: later)
        reads.confirm(ReadState(index: index, context: first))
        #expect(reads.release(through: index).map(\.reader) == [caller(1)])
        reads.confirm(ReadState(index: index, context: second))
        #expect(reads.release(through: index).map(\.reader) == [caller(2)])
    }

    @Test("an answer to another run of the node, or to nothing, proves nothing")
    func otherRun() throws {
        var reads = reads()
        var other = Reads(node: NodeID(1), nonce: 43)
        for part in [1, 2] as [UInt64] {
            reads.add(caller(part), at: now)
            other.add(caller(part), at: now)
        }
        _ = try start(&reads, at: now)
        let context = try start(&other, at: now)
        reads.confirm(ReadState(index: index, context: context))
        reads.confirm(ReadState(index: index, context: [1]))
        #expect(reads.release(through: index).count == 0)
    }

    @Test("without a leader all reads that are not confirmed are given up at once")
    func givenUp() {
        var reads = reads()
        reads.add(caller(1), at: now)
        _ = reads.startRound(at: now)
        reads.add(.machineLoop, at: now)
        #expect(reads.giveUp() == [.machineLoop, caller(1)])
        #expect(reads.giveUp() == [])
    }

    @Test("reads end at their deadline, but for the node's own question once it is confirmed")
    func expired() throws {
        var reads = reads()
        reads.add(caller(1), at: now)
        reads.add(.machineLoop, at: now)
        let context = try start(&reads, at: now)
        reads.confirm(ReadState(index: index, context: context))
        let deadline = now + ReplicaTiming.readMilliseconds
        #expect(reads.expire(at: deadline + (-1)) == [])
        #expect(reads.expire(at: deadline) == [caller(1)])
        #expect(reads.release(through: index).map(\.reader) == [.machineLoop])
    }
}
