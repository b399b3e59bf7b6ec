import Fleet
import Primitives
import Testing

@Suite("Changes of machines that were judged before they were recorded")
struct JudgementTests {
    private func put(_ name: String, _ spec: String, judged: Judgement?, labels: [String: String] = [:]) -> Mutation {
        var put = Put.machine(name, spec: spec, labels: labels)
        put.judged = judged
        return .put(put)
    }

    @Test("a judged change is taken by the machine that it was judged against, and by none that has changed since")
    func judged() {
        var scenario = Scenario()
        scenario.createBound("db", on: "n1")
        let judgement = Judgement(of: scenario["db"])
        #expect(scenario.write(put("db", #"{"a":1}"#, judged: judgement)).operations == [.configured])
        #expect(scenario.write(put("db", #"{"a":2}"#, judged: judgement)).reasons == [.stale])
        #expect(scenario["db"].spec == Array(#"{"a":1}"#.utf8) && scenario["db"].generation == 2)
        // What does not touch the spec was not what was judged.
        #expect(
            scenario.write(put("db", #"{"a":1}"#, judged: judgement, labels: ["x": "y"])).operations == [.configured])
        #expect(
            scenario.write(put("db", #"{"a":2}"#, judged: Judgement(of: scenario["db"]))).operations == [.configured])
        // Judged by nobody, as before there were judgements.
        #expect(scenario.write(put("db", #"{"a":3}"#, judged: nil)).operations == [.configured])
    }

    @Test("a judged change is stale after a binding of its machine, and for another machine of that name")
    func bindings() {
        var scenario = Scenario()
        scenario.write(.put(.machine("db")))
        let unbound = Judgement(of: scenario["db"])
        #expect(unbound.epoch == 0)
        scenario.run(.place(PlacementBatch(bindings: [scenario.binding("db", to: "n1")], notes: [], events: [])))
        #expect(scenario.write(put("db", "{}", judged: unbound)).reasons == [.stale])
        var other = Judgement(of: scenario["db"])
        other.uid = UID(high: 7, low: 7)
        #expect(scenario.write(put("db", "{}", judged: other)).reasons == [.stale])
        // Where there is none any more, there is nothing to part from its disks.
        #expect(scenario.write(put("new", "{}", judged: unbound)).operations == [.created])
    }

    @Test("the refusal of a stale change is no answer: the same request is judged again, and that answer is kept")
    func notKept() {
        var scenario = Scenario()
        scenario.createBound("db", on: "n1")
        var late = Judgement(of: scenario["db"])
        late.generation = 9
        var write = scenario.nextWrite([put("db", "{}", judged: late), .delete(.of(.machine("none")))])
        let first = scenario.run(.write(write))
        #expect(first.reasons == [.stale] && first.isStale)
        #expect(scenario.fleet.answer(to: write) == nil)
        write.mutations[0] = put("db", "{}", judged: Judgement(of: scenario["db"]))
        let second = scenario.run(.write(write))
        #expect(second.reasons == [.notFound] && !second.isStale)
        #expect(scenario.fleet.answer(to: write) == second)
    }
}
