import Fleet
import Manifest
public import Primitives

extension PlanBasis {
    /// What all loops of the cluster would do for this desired state, from these observations, in each object's order.
    ///
    /// It is put together from the functions that the loops run: placement for machines without a node, then
    /// ``MachineSituation`` for each, and ``planPeers(_:local:peers:)``.
    ///
    /// - Parameter nodes: As for ``plan(_:request:author:nodes:now:wall:)``.
    public func actions(nodes: [String: NodeObservations], now: Instant) -> [PlannedAction] {
        var actions: [PlannedAction] = []
        var placement = Placement(fleet: fleet, isReady: ready.contains)
        let batch = placement.decide(fleet)
        var bindings: [ObjectKey: NewBinding] = [:]
        for binding in batch.bindings { bindings[binding.key] = binding }
        for object in fleet.objects(kind: "VirtualMachine", namespace: nil) {
            if let binding = bindings[object.key] {
                actions.append(
                    PlannedAction(
                        key: object.key, node: binding.node, action: "bind", reason: "it fits there and is used least",
                        observedAgeMilliseconds: nil, changesSomething: true))
                var bound = object
                bound.binding = FleetObject.Binding(node: binding.node, epoch: object.lastEpoch + 1)
                // A node that gave no answer has not seen the machine either, as far as is known.
                let seen = nodes[binding.node] ?? NodeObservations(machines: [:], images: [:])
                actions += steps(for: bound, on: binding.node, seen, now)
            } else if let node = object.binding?.node {
                guard let seen = nodes[node] else { continue }
                actions += steps(for: object, on: node, seen, now)
            } else if let note = placement.whyUnbound(object) {
                actions.append(
                    PlannedAction(
                        key: object.key, node: nil, action: "leave", reason: note, observedAgeMilliseconds: nil,
                        changesSomething: false))
            }
        }
        for step in planPeers(fleet, local: local, peers: peers) {
            actions.append(
                PlannedAction(
                    key: step.key, node: local, action: step.action.rawValue, reason: step.reason,
                    observedAgeMilliseconds: nil, changesSomething: step.action != .leave))
        }
        return actions
    }

    private func steps(
        for object: FleetObject, on node: String, _ seen: NodeObservations, _ now: Instant
    ) -> [PlannedAction] {
        guard let (situation, images) = seen.situation(of: object, in: fleet, now: now) else { return [] }
        let age = seen.machines[object.uid]?.ageMilliseconds
        return situation.steps(images: images, isEnding: seen.isEnding, now: now).map { step in
            PlannedAction(
                key: object.key, node: node, action: step.action.verb, reason: step.reason,
                observedAgeMilliseconds: age, changesSomething: step.action.changesSomething)
        }
    }
}
