import Journal
import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

/// The checks of a run that has formed three nodes, given what no sound node would show.
@Suite("Checks of every step and word")
struct StepCheckTests {
    private static func formed() throws -> SimulationRun {
        var run = SimulationRun.perfect(nodes: 3, strikes: [])
        try run.form()
        return run
    }

    private static func promise(_ body: () throws -> Void) -> Violation.Promise? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Violation)?.promise
        }
    }

    @Test("a node whose memory goes back in term, commit or applied index is found", arguments: 0..<3)
    func monotonicity(node: Int) throws {
        let run = try Self.formed()
        let replica = try #require(run.nodes[node].agent?.replica)
        let start = StepStart(replica)
        var same = run
        #expect(throws: Never.self) { try same.check(node, since: start, []) }
        var term = run
        term.nodes[node].agent?.highestTerm = replica.term.next
        #expect(Self.promise { try term.check(node, since: start, []) } == .monotonicity)
        var commit = run
        commit.nodes[node].agent?.highestCommit = replica.commitIndex.next
        #expect(Self.promise { try commit.check(node, since: start, []) } == .monotonicity)
        var applied = start
        applied.applied = start.applied.next
        var state = run
        #expect(Self.promise { try state.check(node, since: applied, []) } == .monotonicity)
    }

    @Test("a step of a whole cluster that brings an old memory back is found")
    func memoryGoesBack() throws {
        var run = try Self.formed()
        let old = try #require(run.nodes[0].agent?.replica)
        run.begin()
        let end = run.now + 20_000
        try run.runUntil(end) { _ in false }
        // In the middle of a write the old memory would be told of work that it never gave.
        let idle = run.now + 5000
        try run.runUntil(idle) { $0.nodes[0].agent?.writingSince == nil }
        #expect(run.nodes[0].agent?.replica.commitIndex != old.commitIndex)
        run.nodes[0].agent?.replica = old
        let later = run.now + 20_000
        // Either its commit index is seen to go back, or before that it tells of entries that it no longer knows.
        let broken = Self.promise { try run.runUntil(later) { _ in false } }
        #expect(broken == .monotonicity || broken == .durability)
    }

    @Test("an acknowledgement says what is on the disk and in the leader's log")
    func acknowledgements() throws {
        let run = try Self.formed()
        let leader = try #require(run.newestLeader)
        let follower = (leader + 1) % 3
        let durable = try #require(run.nodes[follower].agent?.journal.durable)
        let term = durable.term
        func promise(
            _ index: LogIndex, in term: Term, after writes: [JournalWrite] = []
        ) -> Violation.Promise? {
            var run = run
            for write in writes { run.nodes[follower].agent?.journal.durable.take(write) }
            let message = Message(
                .appendResponse, from: NodeID(UInt64(follower + 1)), to: NodeID(UInt64(leader + 1)), term: term,
                index: index)
            return Self.promise { try run.checkWord(message, of: follower) }
        }
        let last = durable.last.index
        #expect(promise(last, in: term) == nil)
        #expect(promise(last.next, in: term) == .durability)
        // Of a term that the disk has not heard of, and of one that is over.
        #expect(promise(last, in: term.next) == .durability)
        let later = JournalWrite(hardState: HardState(term: term.next, vote: nil, commit: .zero), entries: [])
        #expect(promise(last, in: term, after: [later]) == nil)
        #expect(promise(last.next, in: term, after: [later]) == .durability)
        // Another entry than the leader's, though the follower's own memory agrees with its disk.
        let beyond = JournalWrite(hardState: nil, entries: [Entry(term: term, index: last.next)])
        #expect(promise(last.next, in: term, after: [beyond]) == .durability)
        let other = JournalWrite(hardState: nil, entries: [Entry(term: .zero, index: last)])
        #expect(promise(last, in: term, after: [other]) == .durability)
    }

    @Test("votes and what leaders say are on the disk")
    func promises() throws {
        var run = try Self.formed()
        let durable = try #require(run.nodes[0].agent?.journal.durable)
        let (me, other) = (NodeID(1), durable.vote == NodeID(2) ? NodeID(3) : NodeID(2))
        for message in [
            Message(.voteResponse, from: me, to: other, term: durable.term),
            Message(.vote, from: me, to: other, term: durable.term.next),
            Message(.heartbeat, from: me, to: other, term: durable.term.next),
        ] {
            #expect(Self.promise { try run.checkWord(message, of: 0) } == .durability, "\(message.kind)")
        }
        let refused = Message(.voteResponse, from: me, to: other, term: durable.term, reject: true)
        #expect(Self.promise { try run.checkWord(refused, of: 0) } == nil)
    }

    @Test("a run that ends without a verdict is no success, and a cluster of another size is not formed")
    func withoutVerdict() throws {
        let run = try Self.formed()
        #expect(run.isFormed(of: 3) && !run.isFormed(of: 2) && !run.isFormed(of: 4))
        #expect(Self.promise { try run.demandVerdict() } == .convergence)
        var whole = SimulationRun.perfect(nodes: 1, strikes: [])
        #expect(whole.run().violations == [])
        #expect(throws: Never.self) { try whole.demandVerdict() }
    }

    @Test("a node leads only if most of its voters follow it")
    func deposedLeader() throws {
        var run = try Self.formed()
        #expect(run.isLed)
        let leader = try #require(run.newestLeader)
        // One follower hears nobody and one is gone: the leader is alone.
        run.crash((leader + 1) % 3, losesPower: false, why: "a test")
        #expect(run.isLed)
        run.crash((leader + 2) % 3, losesPower: false, why: "a test")
        #expect(run.newestLeader == leader && !run.isLed)
    }
}
