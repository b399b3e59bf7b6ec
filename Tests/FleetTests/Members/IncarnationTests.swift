import Primitives
import Testing

@testable import Fleet

@Suite("Incarnations in snapshots")
struct IncarnationTests {
    /// A member that is, and one that only its ticket remembers.
    private func scenario(_ incarnations: [UInt64]) -> Scenario {
        var scenario = Scenario()
        scenario.addMember("n2", key: 9)
        scenario.run(.remove(id: 2, isForced: false))
        for (position, incarnation) in incarnations.enumerated() {
            let number = UInt8(position + 3)
            scenario.run(.join(scenario.join("n\(number)", key: number, incarnation: incarnation)))
        }
        scenario.run(.remove(id: 3, isForced: false))
        return scenario
    }

    @Test("incarnations of present and past members survive in snapshots, and count for the state's hash")
    func restored() throws {
        let scenario = scenario([.max, 7, 0])
        let fleet = scenario.fleet
        #expect(fleet.members.map(\.incarnation) == [0, 7, 0])
        let restored = try Fleet(snapshot: fleet.encodeSnapshot())
        #expect(restored == fleet && restored.stateHash == fleet.stateHash)
        #expect(restored.members == fleet.members)
        #expect(restored.encodeSnapshot() == fleet.encodeSnapshot())
        #expect(self.scenario([.max, 8, 0]).fleet.stateHash != fleet.stateHash)
        #expect(self.scenario([1, 7, 0]).fleet.stateHash != fleet.stateHash)
    }

    @Test("a snapshot without incarnations has the form that programs before them read")
    func earlierForms() {
        var scenario = Scenario()
        #expect(scenario.fleet.encodeSnapshot()[0] == 1)
        scenario.run(
            .createTicket(
                .init(
                    secretHash: Scenario.secret, expiresAt: .init(milliseconds: scenario.clock * 2), uses: 9,
                    nodeName: nil)))
        scenario.run(.join(scenario.join("n2", key: 2, incarnation: 0)))
        #expect(scenario.fleet.encodeSnapshot()[0] == 1)
        scenario.run(.join(scenario.join("n3", key: 3, incarnation: 1)))
        #expect(scenario.fleet.encodeSnapshot()[0] == 3)
    }

    @Test("a snapshot with an incarnation that is of no member, there twice, or none at all is refused")
    func damaged() {
        // It ends with the count of 1, member 2, incarnation 7.
        var scenario = Scenario()
        scenario.run(
            .createTicket(
                .init(secretHash: Scenario.secret, expiresAt: .init(milliseconds: scenario.clock * 2), uses: 9)))
        scenario.run(.join(scenario.join("n2", key: 2, incarnation: 7)))
        let snapshot = scenario.fleet.encodeSnapshot()
        #expect(snapshot.suffix(3) == [1, 2, 7])
        for end in [[1, 2], [1, 5, 7], [1, 2, 0], [0], [2, 2, 7, 2, 7], [1, 2, 7, 0]] as [[UInt8]] {
            #expect(throws: DecodingFailure.self, "\(end)") { try Fleet(snapshot: snapshot.dropLast(3) + end) }
        }
    }
}
