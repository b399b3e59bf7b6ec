import Fleet
import Manifest
import Primitives
import Testing

@Suite("Events")
struct EventTests {
    private func draft(_ name: String, _ reason: String, uid: UID? = nil, message: String = "m") -> EventDraft {
        EventDraft(regarding: .machine(name), uid: uid, type: .normal, reason: reason, message: message, source: "n1")
    }

    @Test("the same event again is counted, and moves to the end")
    func folding() {
        var scenario = Scenario()
        scenario.report(1, events: [draft("a", "Started"), draft("a", "Healthy")])
        let first = scenario.clock
        scenario.report(1, events: [draft("a", "Started")])
        let events = scenario.fleet.events(for: .machine("a"))
        #expect(events.map(\.reason) == ["Healthy", "Started"])
        #expect(events.map(\.count) == [1, 2])
        #expect(events[1].firstSeen == WallTime(milliseconds: first))
        #expect(events[1].lastSeen == WallTime(milliseconds: scenario.clock))
        #expect(events[1].revision == scenario.fleet.revision)
        #expect(events[1].firstRevision < events[0].firstRevision)
        #expect(scenario.fleet.events(for: .machine("b")).isEmpty)
    }

    @Test("placement explains itself with events too")
    func fromPlacement() {
        var scenario = Scenario()
        scenario.run(.place(PlacementBatch(bindings: [], notes: [], events: [draft("a", "NoRoom")])))
        #expect(scenario.fleet.events(for: nil).map(\.reason) == ["Founded", "NoRoom"])
    }

    @Test("an object keeps a few events, the fleet a bounded number, and the oldest are removed first")
    func bounds() {
        var scenario = Scenario(bounds: .tiny)
        scenario.report(1, events: (1...5).map { draft("a", "R\($0)") })
        #expect(scenario.fleet.events(for: .machine("a")).map(\.reason) == ["R3", "R4", "R5"])
        scenario.report(1, events: [draft("a", "R3")])
        scenario.report(1, events: ["b", "c", "d", "e"].map { draft($0, "X") })
        #expect(scenario.fleet.events(for: nil).map(\.reason) == ["R5", "R3", "X", "X", "X", "X"])
        for _ in 0..<200 { scenario.report(1, events: [draft("e", "Y")]) }
        #expect(scenario.fleet.events(for: nil).count == 6)
        #expect(scenario.fleet.events(for: .machine("e")).last?.count == 200)
    }

    @Test("the events of removed objects go when enough others have gone after them")
    func departed() {
        var scenario = Scenario(bounds: .tiny)
        for name in ["a", "b", "c"] {
            scenario.write(.put(.machine(name)))
            scenario.report(1, events: [draft(name, "Seen", uid: scenario[name].uid)])
        }
        scenario.write(.delete(.of(.machine("a"))))
        scenario.write(.put(.machine("a")))
        scenario.report(1, events: [draft("a", "Again", uid: scenario["a"].uid)])
        scenario.write(.delete(.of(.machine("b"))))
        #expect(scenario.fleet.events(for: .machine("a")).map(\.reason) == ["Seen", "Again"])
        scenario.write(.delete(.of(.machine("c"))))
        #expect(scenario.fleet.events(for: .machine("a")).map(\.reason) == ["Again"])
        #expect(scenario.fleet.events(for: .machine("b")).map(\.reason) == ["Seen"])
    }

    @Test("long texts of events are cut at a whole character")
    func cutting() {
        var scenario = Scenario()
        scenario.report(1, events: [draft("a", "R", message: String(repeating: "ü", count: 1000) + "x")])
        let message = scenario.fleet.events(for: .machine("a"))[0].message
        #expect(message == String(repeating: "ü", count: 512))
    }
}
