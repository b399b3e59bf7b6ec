import API
import Fleet
import JSONText
import Manifest
import Primitives

extension FakeBackend {
    /// Creates machines as somebody's apply would.
    func put(_ mutations: [Mutation], request: UInt64 = .random(in: 1...UInt64.max)) {
        let outcome = apply(
            .write(
                WriteCommand(
                    request: Samples.request(request), baseRevision: fleet.revision, mutations: mutations)),
            author: Samples.admin)
        guard case .written = outcome else { preconditionFailure("\(outcome)") }
    }

    func delete(_ key: ObjectKey) {
        put([.delete(Delete(key: key, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))])
    }

    /// Binds a machine to node-1.
    func bind(_ key: ObjectKey) {
        guard let object = fleet[key] else { preconditionFailure("no \(key)") }
        apply(
            .place(
                PlacementBatch(
                    bindings: [
                        NewBinding(
                            key: key, uid: object.uid, generation: object.generation, node: "node-1",
                            allocationCounter: fleet.allocationCounter(of: "node-1"))
                    ], notes: [], events: [])), author: nil)
    }

    /// Reports a machine as node-1 would.
    func report(
        _ key: ObjectKey, phase: MachinePhase = .running, removed: Bool = false, conditions: [Condition] = [],
        events: [EventDraft] = []
    ) {
        guard let object = fleet[key], let binding = object.binding else { preconditionFailure("\(key) is not bound") }
        var status = VirtualMachineStatus()
        status.phase = phase
        status.ready = phase == .running
        status.nodeName = binding.node
        status.epoch = binding.epoch
        status.addresses = ["10.0.2.15"]
        status.accelerator = "simulated"
        status.conditions = conditions
        status.observedGeneration = object.generation
        status.launchedGeneration = object.generation
        apply(
            .report(
                NodeReport(
                    member: 1, sequence: fleet.reportSequence(of: 1) + 1, nodeStatus: nil,
                    machines: [
                        MachineReport(
                            key: key, uid: object.uid, epoch: binding.epoch, status: status.json.canonicalBytes,
                            removed: removed)
                    ], images: [], events: events)), author: local.key)
    }
}
