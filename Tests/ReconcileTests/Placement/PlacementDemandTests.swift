import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("Machines that want no place")
struct PlacementDemandTests {
    static let admin = PublicKey([UInt8](repeating: 1, count: 32))!

    /// A fleet with two machines that shall not run, one that should, and one that somebody may start.
    func fleet() -> Fleet {
        var fleet = Fleet()
        apply(
            .bootstrap(
                Bootstrap(
                    clusterID: "c",
                    member: Bootstrap.Founder(id: 1, name: nil, key: Self.admin, addresses: ["a:1"]),
                    adminKey: Self.admin, adminName: "admin")),
            to: &fleet)
        let specs: [(String, JSON)] = [
            ("halted", ["runStrategy": "Halted"]), ("manual", ["runStrategy": "Manual"]),
            ("stopped", ["stopped": true]),
            ("wanted", [:]),
        ]
        let machines = specs.map { name, spec in
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

    @Test(
        "a halted or stopped machine asks for no node; it is told once, and then it is settled until it changes",
        arguments: [("halted", "runStrategy is Halted"), ("stopped", "it is stopped by hand")])
    func halted(name: String, message: String) throws {
        var fleet = fleet()
        let key = ObjectKey(kind: "VirtualMachine", namespace: "default", name: name)
        let first = PlacementDemand(fleet.unbound(), of: fleet)
        #expect(first.machines.map(\.object.key.name) == ["manual", "wanted"])
        #expect(first.batch.notes.map(\.key.name) == ["halted", "stopped"])
        #expect(first.settled.isEmpty)

        apply(.place(first.batch), to: &fleet)
        let status = try VirtualMachineStatus(canonical: try #require(fleet[key]).status)
        #expect(status.conditions["Scheduled"]?.reason == "NotWanted")
        #expect(status.phase == .stopped && status.message == message)
        let second = PlacementDemand(fleet.unbound(), of: fleet)
        #expect(second.batch.notes.isEmpty)
        #expect(second.settled[key]?.holds(for: try #require(fleet[key])) == true)
        #expect(second.settled.count == 2)
    }
}
