import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("Placement with numbers at their ends")
struct PlacementBoundsTests {
    /// One node that says it has these resources, with machines bound to it and machines that wait.
    private func fleet(_ room: NodeResources, bound: [JSON], waiting: [JSON]) -> Fleet {
        var cluster = OneNodeFleet(room: room)
        let bound = bound.enumerated().map { (OneNodeFleet.machine("bound-\($0)"), $1) }
        let waiting = waiting.enumerated().map { (OneNodeFleet.machine("waiting-\($0)"), $1) }
        cluster.put(bound + waiting)
        cluster.bind(bound.map(\.0))
        return cluster.fleet
    }

    private func plan(_ fleet: Fleet) -> (bindings: [String], why: [String]) {
        var placement = Placement(fleet: fleet) { _ in true }
        let batch = placement.decide(fleet)
        let plan = PlanBasis(fleet: fleet, local: "node-1", ready: Set(fleet.members.map(\.name)), peers: [:])
            .actions(nodes: [:], now: Instant(milliseconds: 0))
        return (batch.bindings.map(\.key.name), plan.filter { $0.action == "leave" }.map(\.reason))
    }

    private static let large = NodeResources(cpus: .max, memoryBytes: .max)
    private static let small = NodeResources(cpus: 8, memoryBytes: 8 << 30)

    @Test("memory near 2^63 is not understood: nothing is bound, and the reason says so")
    func unlimited() {
        let spec: JSON = ["memory": "9223372036854771712"]
        let found = plan(fleet(Self.small, bound: [], waiting: [spec, [:]]))
        #expect(found.bindings == ["waiting-1"])
        #expect(found.why.count == 1)
        #expect(found.why.first?.contains("spec.memory") == true, "\(found.why)")
    }

    @Test("a node with a machine that can't be read is full, not empty")
    func unreadable() {
        for spec: JSON in [["memory": "9223372036854771712"], ["vcpus": .integer(.max)], ["fromTomorrow": 1], 3, nil] {
            let found = plan(fleet(Self.small, bound: [spec], waiting: [[:]]))
            #expect(found.bindings == [], "\(spec)")
            #expect(found.why == ["0/1 nodes are available: 1 with a machine whose spec is not understood"])
        }
    }

    @Test("sums of the largest machines and the largest nodes end at the largest number")
    func sums() {
        let largest: JSON = ["memory": "64Ti", "vcpus": 64]
        let bound = Array(repeating: largest, count: 20)
        #expect(plan(fleet(Self.large, bound: bound, waiting: [largest])).bindings == ["waiting-0"])
        #expect(
            plan(fleet(Self.small, bound: bound, waiting: [[:]])).why.first?.contains("the most that is free is 0")
                == true)
        let none = NodeResources(cpus: 0, memoryBytes: 0)
        #expect(plan(fleet(none, bound: [], waiting: [[:]])).bindings == [])
    }

    @Test("a grace period is never longer than a day", arguments: [Int.min, -1, 0, 1, 86_400, 86_401, Int.max])
    func grace(seconds: Int) {
        let machine = MachinePlanTests.machine(.remove(graceSeconds: seconds))
        #expect(machine.graceMilliseconds == Int64(min(max(seconds, 0), 86_400)) * 1000)
    }
}
