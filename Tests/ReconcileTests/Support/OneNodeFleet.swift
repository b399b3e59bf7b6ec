import Fleet
import JSONText
import Manifest
import Primitives

/// The fleet of a cluster of one node, `node-1`, which has said what it has.
struct OneNodeFleet {
    static let admin = PublicKey([UInt8](repeating: 1, count: 32))!

    private(set) var fleet = Fleet()

    init(room: NodeResources) {
        apply(
            .bootstrap(
                Bootstrap(
                    clusterID: "c", member: Bootstrap.Founder(id: 1, name: nil, key: Self.admin, addresses: ["a:1"]),
                    adminKey: PublicKey([UInt8](repeating: 2, count: 32))!, adminName: "admin")))
        let status = NodeStatus(
            raftID: 1, publicKey: Self.admin, addresses: [], role: .voter, version: "1", capacity: room,
            allocatable: room, accelerator: nil, conditions: [])
        apply(
            .report(
                NodeReport(
                    member: 1, sequence: 1, nodeStatus: status.json.canonicalBytes, machines: [], images: [],
                    events: [])))
    }

    static func machine(_ name: String) -> ObjectKey {
        ObjectKey(kind: "VirtualMachine", namespace: "default", name: name)
    }

    mutating func apply(_ command: Command) {
        _ = fleet.apply(
            CommandEnvelope(stamp: WallTime(milliseconds: 1_700_000_000_000), author: Self.admin, command: command),
            index: fleet.appliedIndex + 1)
    }

    /// Writes all of these in one entry.
    mutating func put(_ specs: [(key: ObjectKey, spec: JSON)]) {
        let puts = specs.map { key, spec in
            Mutation.put(
                Put(
                    key: key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                    requiredNode: nil))
        }
        apply(
            .write(
                WriteCommand(
                    request: RequestID(high: 1, low: fleet.appliedIndex), baseRevision: fleet.revision,
                    mutations: puts)))
    }

    mutating func delete(_ keys: [ObjectKey]) {
        let deletes = keys.map { key in
            Mutation.delete(
                Delete(key: key, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))
        }
        apply(
            .write(
                WriteCommand(
                    request: RequestID(high: 2, low: fleet.appliedIndex), baseRevision: fleet.revision,
                    mutations: deletes)))
    }

    /// Binds those of these machines that are there to the node.
    mutating func bind(_ keys: [ObjectKey]) {
        let bindings = keys.compactMap { fleet[$0] }.map { object in
            NewBinding(
                key: object.key, uid: object.uid, generation: object.generation, node: "node-1",
                allocationCounter: fleet.allocationCounter(of: "node-1"))
        }
        apply(.place(PlacementBatch(bindings: bindings, notes: [], events: [])))
    }
}
