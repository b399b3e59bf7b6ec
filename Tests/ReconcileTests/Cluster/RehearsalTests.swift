import Fleet
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("A rehearsed write")
struct RehearsalTests {
    private static let admin = PublicKey([UInt8](repeating: 200, count: 32))!
    private static let web = KindInfo.virtualMachine.key(namespace: "default", name: "web")

    private var fleet = Fleet()

    private mutating func apply(_ command: Command) -> CommandOutcome {
        let envelope = CommandEnvelope(stamp: WallTime(milliseconds: 0), author: Self.admin, command: command)
        return fleet.apply(envelope, index: fleet.appliedIndex + 1)
    }

    private func put(_ spec: String) -> Mutation {
        .put(
            Put(
                key: Self.web, labels: [:], annotations: [:], spec: Array(spec.utf8), precondition: .none,
                requiredNode: nil))
    }

    private func rehearse(_ spec: String) -> (outcome: CommandOutcome, fleet: Fleet) {
        var copy = fleet
        let outcome = copy.rehearse(
            DesiredChange([put(spec)]), request: RequestID(high: 1, low: 2), baseRevision: nil, author: Self.admin,
            at: WallTime(milliseconds: 0))
        return (outcome, copy)
    }

    @Test("a rehearsed write is refused for what the cluster's state does not allow, and otherwise shows what would be")
    mutating func judged() throws {
        let key = try #require(PublicKey([UInt8](repeating: 1, count: 32)))
        _ = apply(
            .bootstrap(
                Bootstrap(
                    clusterID: "c", member: .init(id: 1, name: "node-1", key: key, addresses: ["h:1"]),
                    adminKey: Self.admin, adminName: "root")))
        let spec = #"{"disks":[{"name":"root","size":"2Gi"}]}"#
        _ = apply(
            .write(WriteCommand(request: RequestID(high: 1, low: 1), baseRevision: 0, mutations: [put(spec)])))
        let machine = try #require(fleet[Self.web])
        _ = apply(
            .place(
                PlacementBatch(
                    bindings: [
                        NewBinding(
                            key: Self.web, uid: machine.uid, generation: 1, node: "node-1", allocationCounter: 0)
                    ], notes: [], events: [])))
        #expect(fleet[Self.web]?.binding?.node == "node-1")

        guard case .refused(let refusals) = rehearse(#"{"disks":[{"name":"root","size":"1Gi"}]}"#).outcome else {
            Issue.record("a disk that shrinks was taken")
            return
        }
        #expect(refusals.map(\.field) == ["spec.disks[0].size"])
        let grown = rehearse(#"{"disks":[{"name":"root","size":"3Gi"}]}"#)
        guard case .written = grown.outcome else {
            Issue.record("\(grown.outcome)")
            return
        }
        #expect(grown.fleet[Self.web]?.generation == 2)
        #expect(fleet[Self.web]?.generation == 1)
    }
}
