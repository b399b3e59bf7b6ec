import Fleet
import Primitives
import Raft
import Replica
import Testing

@testable import Simulation

@Suite("The one history")
struct CanonicalHistoryTests {
    private static func entry(_ index: UInt64, term: UInt64 = 1, _ data: [UInt8] = []) -> Entry {
        Entry(term: Term(term), index: LogIndex(index), data: data)
    }

    private static func promise(_ body: () throws -> Void) -> Violation.Promise? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Violation)?.promise
        }
    }

    @Test("every node applies the same entries in the same order")
    func entries() throws {
        var history = CanonicalHistory()
        try history.applied([Self.entry(1), Self.entry(2, term: 2)], by: NodeID(1))
        try history.applied([Self.entry(2, term: 2), Self.entry(3, term: 2)], by: NodeID(2))
        #expect(history.lastIndex == 3)
        let before = history
        for wrong in [Self.entry(2, term: 3), Self.entry(3, term: 2, [1]), Self.entry(5)] {
            #expect(Self.promise { try history.applied([wrong], by: NodeID(3)) } == .stateMachineSafety, "\(wrong)")
        }
        #expect(Self.promise { try history.applied([Self.entry(4, [1, 2, 3])], by: NodeID(3)) } == .coding)
        #expect(before.lastIndex == 3)
    }

    @Test("every node has the same state at the same index, and none is ahead of all")
    func states() throws {
        var history = CanonicalHistory()
        try history.applied([Self.entry(1)], by: NodeID(1))
        var fleet = Fleet()
        fleet.skip(index: 1)
        #expect(Self.promise { try history.check(stateHash: fleet.stateHash, at: 1, of: NodeID(1)) } == nil)
        #expect(
            Self.promise { try history.check(stateHash: fleet.stateHash ^ 1, at: 1, of: NodeID(1)) } == .stateEquality)
        #expect(Self.promise { try history.check(stateHash: fleet.stateHash, at: 2, of: NodeID(1)) } == .stateEquality)
        #expect(Self.promise { try history.check(stateHash: 0, at: 0, of: NodeID(1)) } == nil)
    }
}
