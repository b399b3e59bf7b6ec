import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("Machines that want no place")
struct PlacementDemandTests {
    static let admin = PublicKey([UInt8](repeating: 1, count: 32))!

    /// A fleet with one halted machine and one that should run.
    func fleet() -> Fleet {
        var fleet = Fleet()
        apply(
            .bootstrap(
                Bootstrap(
                    clusterID: "c",
                    member: Bootstrap.Founder(id: 1, name: nil, key: Self.admin, addresses: ["a:1"]),
                    adminKey: Self.admin, adminName: "admin")),
            to: &fleet)
        let halted: JSON = ["runStrategy": "Halted"]
        let machines = [("halted", halted), ("wanted", JSON.object([:]))].map { name, spec in
            Mutation.put(
                Put(
                    key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: name), labels: [:],
                    annotations: [:], spec: spec.canonicalBytes, precondition: .none, requiredNode: nil))
        }
        apply(
            .write(
                WriteCommand(request: RequestID(high: 0, low: 1), baseRevision: fleet.revision, mutations: machines)),
            to: &fleet)
        return fleet
    }

    func apply(_ command: Command, to fleet: inout Fleet) {
        _ = fleet.apply(
            CommandEnvelope(stamp: WallTime(milliseconds: 1_700_000_000_000), author: Self.admin, command: command),
            index: fleet.appliedIndex + 1)
    }

    @Test("a halted machine asks for no node; it is told once, and then it is settled until it changes")
    func halted() throws {
        var fleet = fleet()
        let key = ObjectKey(kind: "VirtualMachine", namespace: "default", name: "halted")
        let first = PlacementDemand(fleet.unbound(), of: fleet)
        #expect(first.machines.map(\.object.key.name) == ["wanted"])
        #expect(first.batch.notes.map(\.key) == [key])
        #expect(first.settled.isEmpty)

        apply(.place(first.batch), to: &fleet)
        let status = try VirtualMachineStatus(canonical: try #require(fleet[key]).status)
        #expect(status.conditions["Scheduled"]?.reason == "NotWanted")
        let second = PlacementDemand(fleet.unbound(), of: fleet)
        #expect(second.batch.notes.isEmpty)
        #expect(second.settled[key]?.holds(for: try #require(fleet[key])) == true)
        #expect(second.settled.count == 1)
    }
}
