import Fleet
import Manifest
import Primitives
import Testing

@Suite("The change feed and reading")
struct ChangeTests {
    private func changes(_ fleet: Fleet, after revision: UInt64) -> [Change]? {
        if case .changes(let changes) = fleet.changes(after: revision) { changes } else { nil }
    }

    @Test("every object's change stands in the feed under its own revision")
    func everything() {
        var scenario = Scenario()
        let start = scenario.fleet.revision
        scenario.write(.put(.machine("a")), .put(.machine("b")))
        scenario.report(
            1,
            events: [
                EventDraft(regarding: .machine("a"), uid: nil, type: .warning, reason: "R", message: "", source: "")
            ])
        scenario.write(.put(.machine("a", spec: "{}")))
        let last = scenario["b"]
        scenario.write(.delete(.of(.machine("b"))))
        let all = changes(scenario.fleet, after: start) ?? []
        #expect(all.map(\.kind) == [.added, .added, .modified, .deleted])
        #expect(all.map(\.revision) == [start + 1, start + 2, start + 4, start + 5])
        #expect(all.map(\.object.resourceVersion) == all.map(\.revision))
        #expect(all.last?.object.uid == last.uid)
        for (position, change) in all.enumerated() {
            #expect(changes(scenario.fleet, after: change.revision) == Array(all[(position + 1)...]))
        }
        #expect(changes(scenario.fleet, after: start + 3)?.count == 2)
    }

    @Test("a cursor before the feed, or beyond the revision, is expired")
    func expired() {
        var scenario = Scenario(bounds: .tiny)
        let start = scenario.fleet.revision
        for number in 0..<9 { scenario.write(.put(.machine("m\(number)"))) }
        #expect(scenario.fleet.changes(after: start) == .expired)
        #expect(changes(scenario.fleet, after: start + 1)?.count == 8)
        #expect(scenario.fleet.changes(after: scenario.fleet.revision + 1) == .expired)
        #expect(changes(scenario.fleet, after: scenario.fleet.revision) == [])
    }

    @Test("large changes leave earlier than many, and the last one stays however large it is")
    func largeChanges() {
        var scenario = Scenario(bounds: .tiny)
        func spec(_ bytes: Int) -> String { "{\"note\":\"" + String(repeating: "x", count: bytes) + "\"}" }
        for number in 0..<3 { scenario.write(.put(.machine("m\(number)", spec: spec(400 << 10)))) }
        let last = scenario.fleet.revision
        // Three are more than the megabyte that is kept, two are less.
        #expect(changes(scenario.fleet, after: last - 2)?.count == 2)
        #expect(scenario.fleet.changes(after: last - 3) == .expired)
        scenario.write(.put(.machine("large", spec: spec(2 << 20))))
        #expect(changes(scenario.fleet, after: last)?.map(\.object.key.name) == ["large"])
        #expect(scenario.fleet.changes(after: last - 1) == .expired)
        for number in 0..<9 { scenario.write(.put(.machine("s\(number)"))) }
        #expect(changes(scenario.fleet, after: scenario.fleet.revision - 8)?.count == 8)
    }

    @Test("lists are sorted, by namespace or over all of them")
    func lists() {
        var scenario = Scenario()
        let keys = [("b", "y"), ("a", "z"), ("b", "x")].map {
            ObjectKey(kind: "VirtualMachine", namespace: $0.0, name: $0.1)
        }
        for key in keys { scenario.write(.put(.other(key))) }
        #expect(scenario.fleet.objects(kind: "VirtualMachine", namespace: nil).map(\.key) == keys.sorted())
        #expect(scenario.fleet.objects(kind: "VirtualMachine", namespace: "b").map(\.key.name) == ["x", "y"])
        #expect(scenario.fleet.objects(kind: "Image", namespace: nil).isEmpty)
    }

    @Test("time is the largest stamp so far, and a broken clock does not move it")
    func time() {
        var scenario = Scenario()
        let now = scenario.fleet.time
        scenario.run(.promote(id: 1), stamp: now.milliseconds - 5000)
        #expect(scenario.fleet.time == now)
        scenario.run(.promote(id: 1), stamp: .max)
        #expect(scenario.fleet.time == now)
        scenario.run(.promote(id: 1), stamp: now.milliseconds + 5000)
        #expect(scenario.fleet.time.milliseconds == now.milliseconds + 5000)
    }

    @Test("a copy is a dry run: the original stays as it was")
    func dryRun() {
        var scenario = Scenario()
        scenario.write(.put(.machine("a")))
        let before = scenario.fleet
        var trial = scenario
        trial.write(.put(.machine("b")), .delete(.of(.machine("a"))))
        #expect(scenario.fleet == before)
        #expect(scenario.fleet.stateHash == before.stateHash)
        #expect(trial.fleet != before)
        #expect(trial.fleet.stateHash != before.stateHash)
    }

    @Test("an entry that is applied twice stops the replica")
    func applyTwice() async {
        await #expect(processExitsWith: .failure) {
            var fleet = Fleet()
            fleet.skip(index: 2)
            fleet.skip(index: 2)
        }
    }
}
