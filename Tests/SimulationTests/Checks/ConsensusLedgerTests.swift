import Raft
import Testing

@testable import Simulation

@Suite("The ledger of consensus")
struct ConsensusLedgerTests {
    /// A node whose log holds entries of these terms, from index 1 on.
    private static func log(
        _ node: UInt64, run: Int, term: UInt64, commit: UInt64, _ terms: [UInt64], compacted: Int = 0
    ) -> LogView {
        LogView(node: NodeID(node), run: run, term: Term(term), commit: LogIndex(commit)) { index in
            let place = Int(index.rawValue) - 1
            return terms.indices.contains(place) && place >= compacted ? Term(terms[place]) : nil
        }
    }

    private static func broken(_ body: () throws -> Void) -> Violation.Promise? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Violation)?.promise
        }
    }

    @Test("a term has one leader, which leads in it once")
    func elections() throws {
        var ledger = ConsensusLedger()
        try ledger.leads(Self.log(1, run: 1, term: 2, commit: 0, [1]))
        try ledger.leads(Self.log(1, run: 1, term: 2, commit: 1, [1, 2]))
        try ledger.leads(Self.log(2, run: 1, term: 3, commit: 1, [1, 2]))
        #expect(Self.broken { try ledger.leads(Self.log(2, run: 1, term: 2, commit: 0, [1])) } == .electionSafety)
        #expect(Self.broken { try ledger.leads(Self.log(2, run: 2, term: 3, commit: 0, [1])) } == .electionSafety)
        #expect(Self.broken { try ledger.elected(NodeID(3), run: 1, in: Term(3)) } == .electionSafety)
        #expect(ledger.leaders.count == 2)
    }

    @Test("a new leader has what was committed in terms before")
    func completeness() throws {
        var ledger = ConsensusLedger()
        try ledger.commits(Self.log(1, run: 1, term: 2, commit: 3, [1, 2, 2]), in: Term(2), leaders: [])
        for (log, isComplete) in [
            (Self.log(2, run: 1, term: 3, commit: 0, [1, 2, 2]), true),
            (Self.log(2, run: 1, term: 4, commit: 0, [1, 2]), false),
            (Self.log(2, run: 1, term: 5, commit: 0, [1, 2, 1]), false),
            // What it has cut from its log it has if it is committed there.
            (Self.log(2, run: 1, term: 6, commit: 3, [1, 2, 2], compacted: 3), true),
            (Self.log(2, run: 1, term: 7, commit: 2, [1, 2, 2], compacted: 3), false),
            // A leader of the same or an earlier term may not have heard of it.
            (Self.log(2, run: 1, term: 1, commit: 0, []), true),
        ] {
            #expect((Self.broken { try ledger.leads(log) } == nil) == isComplete, "term \(log.term)")
        }
    }

    @Test("what is counted in a term must be in the log of a later leader that was elected before")
    func lateCommits() throws {
        var ledger = ConsensusLedger()
        let complete = Self.log(2, run: 1, term: 3, commit: 0, [1, 2, 2, 3])
        let incomplete = Self.log(3, run: 1, term: 4, commit: 0, [1, 2, 4])
        try ledger.leads(complete)
        try ledger.leads(incomplete)
        let counting = Self.log(1, run: 1, term: 2, commit: 3, [1, 2, 2])
        var other = ledger
        #expect(throws: Never.self) { try other.commits(counting, in: Term(2), leaders: [counting, complete]) }
        #expect(
            Self.broken { try ledger.commits(counting, in: Term(2), leaders: [complete, incomplete]) }
                == .leaderCompleteness)
    }

    @Test("no node holds another entry of an index for committed")
    func commits() throws {
        var ledger = ConsensusLedger()
        try ledger.commits(Self.log(1, run: 1, term: 3, commit: 2, [1, 3]), in: Term(3), leaders: [])
        try ledger.commits(Self.log(2, run: 1, term: 4, commit: 2, [1, 3]), in: Term(4), leaders: [])
        #expect(
            Self.broken {
                try ledger.commits(Self.log(3, run: 1, term: 4, commit: 2, [1, 2]), in: Term(4), leaders: [])
            } == .stateMachineSafety)
    }

    @Test("entries of one index and term are the same, and follow the same ones")
    func matching() throws {
        func entry(_ term: UInt64, _ index: UInt64, _ data: [UInt8]) -> Entry {
            Entry(term: Term(term), index: LogIndex(index), data: data)
        }
        var ledger = ConsensusLedger()
        try ledger.note([entry(1, 1, []), entry(2, 2, [7])], after: .zero, by: NodeID(1))
        try ledger.note([entry(2, 2, [7])], after: nil, by: NodeID(2))
        try ledger.note([entry(2, 2, [7])], after: Term(1), by: NodeID(2))
        #expect(Self.broken { try ledger.note([entry(2, 2, [8])], after: nil, by: NodeID(3)) } == .logMatching)
        #expect(Self.broken { try ledger.note([entry(2, 2, [7])], after: Term(2), by: NodeID(3)) } == .logMatching)
        try ledger.note([entry(3, 2, [8])], after: Term(1), by: NodeID(3))
    }

    @Test("a leader counts what was acknowledged to it in its term, and of its own log what is stored")
    func acknowledgements() throws {
        var ledger = ConsensusLedger()
        let (leader, follower) = (NodeID(1), NodeID(2))
        ledger.acknowledges(follower, LogIndex(5), in: Term(2))
        ledger.acknowledges(follower, LogIndex(4), in: Term(2))
        for (own, match, term, isSound) in [
            (6, 5, 2, true), (7, 5, 2, false), (6, 6, 2, false), (6, 5, 3, false), (6, 0, 3, true),
        ] as [(UInt64, UInt64, UInt64, Bool)] {
            let matches = [(node: leader, match: LogIndex(own)), (node: follower, match: LogIndex(match))]
            let promise = Self.broken {
                try ledger.checkMatches(of: leader, in: Term(term), matches, ownLast: LogIndex(6))
            }
            #expect(promise == (isSound ? nil : .durability), "\(own), \(match) in \(term)")
        }
    }
}
