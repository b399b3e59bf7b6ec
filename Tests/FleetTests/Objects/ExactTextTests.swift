import Fleet
import Manifest
import Primitives
import Testing

@Suite("Text that only Unicode calls equal")
struct ExactTextTests {
    static let composed = "Jos\u{e9}"
    static let decomposed = "Jose\u{301}"

    @Test("another spelling of an annotation or a label in other bytes is a change, on every replica alike")
    func change() throws {
        var scenario = Scenario()
        func put(_ text: String) -> Mutation {
            var put = Put.machine("a", labels: ["owner": text])
            put.annotations = ["owner": text]
            return .put(put)
        }
        #expect(scenario.write(put(Self.composed)).operations == [.created])
        let before = scenario.fleet.stateHash
        #expect(scenario.write(put(Self.decomposed)).operations == [.configured])
        #expect(scenario.fleet.stateHash != before)
        #expect(Array(try #require(scenario["a"].annotations["owner"]).utf8) == Array(Self.decomposed.utf8))
        #expect(Array(try #require(scenario["a"].labels["owner"]).utf8) == Array(Self.decomposed.utf8))
        #expect(scenario["a"].generation == 1)
        #expect(scenario.write(put(Self.decomposed)).operations == [.unchanged])
        let restored = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(restored.stateHash == scenario.fleet.stateHash)
    }

    @Test("names that only Unicode calls equal name two objects")
    func names() throws {
        var scenario = Scenario()
        scenario.write(.put(.machine(Self.composed)), .put(.machine(Self.decomposed)))
        let names = scenario.fleet.objects(kind: "VirtualMachine", namespace: nil).map { Array($0.key.name.utf8) }
        #expect(names == [Array(Self.decomposed.utf8), Array(Self.composed.utf8)])
        #expect(try Fleet(snapshot: scenario.fleet.encodeSnapshot()).stateHash == scenario.fleet.stateHash)
    }

    @Test("events that only Unicode calls equal are two events")
    func events() {
        var scenario = Scenario()
        for message in [Self.composed, Self.decomposed, Self.composed] {
            scenario.report(
                1,
                events: [
                    EventDraft(
                        regarding: .machine("a"), uid: nil, type: .normal, reason: "R", message: message, source: "n1")
                ])
        }
        let events = scenario.fleet.events(for: .machine("a"))
        #expect(events.map(\.count) == [1, 2])
        #expect(events.map { Array($0.message.utf8) } == [Array(Self.decomposed.utf8), Array(Self.composed.utf8)])
    }

    @Test("a grace period beyond a day is refused", arguments: [-1, 86_401, Int(Int32.max), Int.max, Int.min])
    func grace(seconds: Int) {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")))
        let outcome = scenario.write(.delete(.of(.machine("a"), grace: seconds)))
        guard case .refused(let refusals) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(refusals.map(\.reason) == [.invalid])
        #expect(refusals.first?.message.contains("86400") == true)
    }
}
