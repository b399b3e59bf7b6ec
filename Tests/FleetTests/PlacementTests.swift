import Fleet
import Manifest
import Primitives
import Testing

@Suite("Placement")
struct PlacementTests {
    private func place(_ scenario: inout Scenario, _ bindings: NewBinding...) -> CommandOutcome {
        scenario.run(.place(PlacementBatch(bindings: bindings, notes: [], events: [])))
    }

    @Test("a fitting binding is taken under epoch 1 and counted on its node")
    func bind() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")), .put(.machine("b")))
        #expect(scenario.fleet.unbound() == [.machine("a"), .machine("b")])
        #expect(place(&scenario, scenario.binding("a", to: "n1")).accepted == 1)
        #expect(scenario["a"].binding == .init(node: "n1", epoch: 1))
        #expect(scenario["a"].generation == 1)
        #expect(scenario["a"].resourceVersion == scenario.fleet.revision)
        #expect(scenario.fleet.allocationCounter(of: "n1") == 1)
        #expect(scenario.fleet.unbound() == [.machine("b")])
        #expect(scenario.fleet.bound(to: "n1").map(\.key) == [.machine("a")])
    }

    @Test("bindings of one batch all carry the counter from before it")
    func batch() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")), .put(.machine("b")), .put(.machine("c")))
        let outcome = place(
            &scenario, scenario.binding("c", to: "n1"), scenario.binding("a", to: "n1"),
            scenario.binding("b", to: "n1"))
        #expect(outcome.accepted == 3)
        #expect(scenario.fleet.allocationCounter(of: "n1") == 3)
        #expect(scenario.fleet.bound(to: "n1").map(\.key.name) == ["a", "b", "c"])
    }

    @Test("a binding that was decided on a past state is skipped, the others are taken")
    func stale() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")), .put(.machine("b")), .put(.other(.image("i"))))
        let good = scenario.binding("b", to: "n1")
        var otherUID = scenario.binding("a", to: "n1")
        otherUID.uid = UID(high: 1, low: 1)
        var otherGeneration = scenario.binding("a", to: "n1")
        otherGeneration.generation = 2
        var otherCounter = scenario.binding("a", to: "n1")
        otherCounter.allocationCounter = 1
        var missing = scenario.binding("a", to: "n1")
        missing.key = .machine("missing")
        var image = scenario.binding("a", to: "n1")
        image.key = .image("i")
        image.uid = scenario.fleet[.image("i")]?.uid ?? image.uid
        let stranger = scenario.binding("a", to: "stranger")
        let outcome = place(
            &scenario, otherUID, otherGeneration, otherCounter, missing, image, stranger, good, good)
        #expect(outcome.accepted == 1)
        #expect(outcome.ignored == 7)
        #expect(scenario["a"].binding == nil)
        #expect(scenario["b"].binding?.epoch == 1)
        #expect(scenario.fleet.allocationCounter(of: "n1") == 1)
    }

    @Test("the counter of a node that got a machine meanwhile refuses the next batch on it")
    func counterMoves() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")), .put(.machine("b")))
        let late = scenario.binding("b", to: "n1")
        _ = place(&scenario, scenario.binding("a", to: "n1"))
        #expect(place(&scenario, late).ignored == 1)
        #expect(place(&scenario, scenario.binding("b", to: "n1")).accepted == 1)
    }

    @Test("notes go onto unbound machines of the same uid and generation only")
    func notes() {
        var scenario = Scenario()
        scenario.createBound("bound", on: "n1")
        scenario.write(.put(.machine("a")))
        func note(_ name: String, generation: UInt64 = 1, status: String = #"{"waits":true}"#) -> PlacementNote {
            PlacementNote(
                key: .machine(name), uid: scenario[name].uid, generation: generation, status: Array(status.utf8))
        }
        let notes = [note("a"), note("a", generation: 2), note("bound")]
        let batch = PlacementBatch(bindings: [], notes: notes, events: [])
        let outcome = scenario.run(.place(batch))
        #expect(outcome.accepted == 1)
        #expect(outcome.ignored == 2)
        #expect(scenario["a"].status == Array(#"{"waits":true}"#.utf8))
        #expect(scenario["bound"].status.isEmpty)
        let revision = scenario.fleet.revision
        #expect(scenario.run(.place(PlacementBatch(bindings: [], notes: [note("a")], events: []))).accepted == 1)
        #expect(scenario.fleet.revision == revision)
    }
}
