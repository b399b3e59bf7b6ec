import Fleet
import Manifest
import Primitives
import Testing

@Suite("Requests and their first answers")
struct RequestTests {
    @Test("a repeated request gets its first answer and changes nothing")
    func repeated() {
        var scenario = Scenario()
        scenario.createBound("bound", on: "n1")
        scenario.write(.put(.machine("old")), .put(.machine("same")), .put(.machine("gone")))
        let write = scenario.nextWrite([
            .put(.machine("new")), .put(.machine("old", spec: "{}")), .put(.machine("same")),
            .delete(.of(.machine("gone"))), .delete(.of(.machine("bound"))), .delete(.of(.node("n1"))),
            .delete(.of(.machine("never"), ignoreMissing: true)),
        ])
        let first = scenario.run(.write(write))
        #expect(
            first.operations == [.created, .configured, .unchanged, .deleted, .terminating, .cleared, .unchanged])
        scenario.write(.put(.machine("old", spec: #"{"later":1}"#)), .delete(.of(.machine("new"))))
        let revision = scenario.fleet.revision
        #expect(scenario.run(.write(write)) == first)
        #expect(scenario.fleet.revision == revision)
        #expect(scenario.fleet[.machine("new")] == nil)
        #expect(scenario.fleet.answer(to: write) == first)
    }

    @Test("a refusal is kept as the answer, even when it would be taken later")
    func refusalKept() {
        var scenario = Scenario()
        let write = scenario.nextWrite([.delete(.of(.machine("a")))])
        let first = scenario.run(.write(write))
        #expect(first.reasons == [.notFound])
        scenario.write(.put(.machine("a")))
        #expect(scenario.run(.write(write)) == first)
        #expect(scenario.fleet.answer(to: write.request) == first)
        #expect(scenario.fleet[.machine("a")] != nil)
    }

    @Test("an answer by id alone has everything but the keys")
    func withoutKeys() {
        var scenario = Scenario()
        let write = scenario.nextWrite([.put(.machine("a"))])
        let first = scenario.run(.write(write))
        let kept = scenario.fleet.answer(to: write.request)
        #expect(kept?.results.map(\.uid) == first.results.map(\.uid))
        #expect(kept?.results[0].key == ObjectKey(kind: "", namespace: "", name: ""))
        #expect(scenario.fleet.answer(to: RequestID(high: 9, low: 9)) == nil)
    }

    @Test("another write under a used id is refused")
    func reusedID() {
        var scenario = Scenario()
        var write = scenario.nextWrite([.put(.machine("a"))])
        scenario.run(.write(write))
        write.mutations.append(.put(.machine("b")))
        #expect(scenario.run(.write(write)).reasons == [.conflict])
        #expect(scenario.fleet[.machine("b")] == nil)
    }

    @Test("a request based before the window is refused as undecidable")
    func tooOld() {
        var scenario = Scenario(bounds: .tiny)
        let lost = scenario.nextWrite([.put(.machine("first"))])
        scenario.run(.write(lost))
        for number in 0..<4 { scenario.write(.put(.machine("m\(number)"))) }
        #expect(scenario.fleet.answer(to: lost.request) == nil)
        scenario.write(.delete(.of(.machine("first"))))
        let outcome = scenario.run(.write(lost))
        #expect(outcome.reasons == [.requestTooOld])
        #expect(scenario.fleet[.machine("first")] == nil)
        #expect(scenario.fleet.answer(to: lost.request) == nil)
    }

    @Test("writes that change nothing never lock newcomers out")
    func idleWindow() {
        var scenario = Scenario(bounds: .tiny)
        scenario.write(.put(.machine("a")))
        for _ in 0..<20 { #expect(scenario.write(.put(.machine("a"))).operations == [.unchanged]) }
        #expect(scenario.write(.put(.machine("b"))).operations == [.created])
    }

    @Test("a write of too many objects is refused, and the fleet is restored all the same")
    func tooMany() throws {
        var scenario = Scenario()
        let write = scenario.nextWrite((0...Limits.objectsPerApply).map { .delete(.of(.machine("m\($0)"))) })
        #expect(scenario.run(.write(write)).reasons == [.limit])
        let restored = try Fleet(snapshot: scenario.fleet.encodeSnapshot())
        #expect(restored == scenario.fleet)
        #expect(restored.answer(to: write)?.reasons == [.limit])
    }

    @Test("large answers leave the window earlier than small ones")
    func boundedBytes() {
        var bounds = FleetBounds.standard
        bounds.answerBytes = 2000
        var scenario = Scenario(bounds: bounds)
        let first = scenario.nextWrite([.put(.machine("first"))])
        scenario.run(.write(first))
        let large = scenario.nextWrite((0..<1000).map { .put(.machine("m\($0)")) })
        let answer = scenario.run(.write(large))
        #expect(scenario.fleet.answer(to: first.request) == nil)
        #expect(scenario.fleet.answer(to: large) == answer)
    }
}
