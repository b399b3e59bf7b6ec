import Primitives
import Testing

@testable import Fleet

@Suite("Tickets for a name in snapshots")
struct TicketNameTests {
    private let named = [UInt8](repeating: 3, count: 32)

    private func scenario(named isNamed: Bool) -> Scenario {
        var scenario = Scenario()
        let expiry = WallTime(milliseconds: scenario.clock * 2)
        scenario.run(
            .createTicket(
                .init(secretHash: named, expiresAt: expiry, uses: 1, nodeName: isNamed ? "n7" : nil)))
        return scenario
    }

    @Test("the node's name in a ticket survives in a snapshot, and counts for the state's hash")
    func restored() throws {
        var scenario = scenario(named: true)
        #expect(scenario.fleet.stateHash != self.scenario(named: false).fleet.stateHash)
        let snapshot = scenario.fleet.encodeSnapshot()
        let restored = try Fleet(snapshot: snapshot)
        #expect(restored == scenario.fleet && restored.stateHash == scenario.fleet.stateHash)
        #expect(restored.encodeSnapshot() == snapshot)
        scenario.fleet = restored
        guard case .joined(let member) = scenario.run(.join(scenario.join(nil, key: 7, ticket: named))) else {
            Issue.record("not taken")
            return
        }
        #expect(member.name == "n7")
    }

    @Test("a snapshot without names for tickets has the form that the first programs read")
    func firstVersion() {
        #expect(scenario(named: false).fleet.encodeSnapshot()[0] == 1)
        #expect(scenario(named: true).fleet.encodeSnapshot()[0] == 2)
    }

    @Test("a snapshot with a name for a ticket that is not there, or for none at all, is refused")
    func damaged() {
        var snapshot = scenario(named: true).fleet.encodeSnapshot()
        for count in 1..<40 {
            #expect(throws: DecodingFailure.self) { try Fleet(snapshot: Array(snapshot.dropLast(count))) }
        }
        // The hash stands before the length and the two letters of the name.
        snapshot[snapshot.count - 4] ^= 1
        #expect(throws: DecodingFailure.self) { try Fleet(snapshot: snapshot) }
    }

    @Test("a ticket for a node without a name is no ticket")
    func empty() {
        var scenario = Scenario()
        let grant = TicketGrant(
            secretHash: named, expiresAt: WallTime(milliseconds: scenario.clock * 2), uses: 1, nodeName: "")
        #expect(scenario.run(.createTicket(grant)).reasons == [.invalid])
    }
}
