public import Fleet
public import Manifest
public import Primitives

/// One line of a plan for the whole cluster.
public struct PlannedAction: Equatable, Sendable {
    public var key: ObjectKey
    public var node: String?
    public var action: String
    public var reason: String
    /// Age of the observation that the action follows from; nil if it follows from desired state alone.
    public var observedAgeMilliseconds: Int64?
    /// Whether the loops do something, as opposed to waiting for a change or for a person.
    public var changesSomething: Bool

    public init(
        key: ObjectKey, node: String?, action: String, reason: String, observedAgeMilliseconds: Int64?,
        changesSomething: Bool
    ) {
        self.key = key
        self.node = node
        self.action = action
        self.reason = reason
        self.observedAgeMilliseconds = observedAgeMilliseconds
        self.changesSomething = changesSomething
    }
}

/// What all loops of the cluster would do for this desired state, from these observations, in each object's order.
///
/// It is put together from the functions that the loops run: placement for machines without a node, then
/// ``MachineSituation`` for each, and ``planPeers(_:local:peers:)``.
///
/// - Parameters:
///   - nodes: What each node saw; a node that gave no answer is not in it, and nothing is planned for its machines.
public func planCluster(
    _ fleet: Fleet, nodes: [String: NodeObservations], local: String, peers: [String: PeerObservation],
    isReady: (String) -> Bool, now: Instant
) -> [PlannedAction] {
    var actions: [PlannedAction] = []
    var placement = Placement(fleet: fleet, isReady: isReady)
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
            // A node that gave no answer has not seen the machine either, as far as anyone knows.
            let seen = nodes[binding.node] ?? NodeObservations(machines: [:], images: [:])
            actions += steps(for: bound, of: fleet, on: binding.node, seen, now)
        } else if let node = object.binding?.node {
            guard let seen = nodes[node] else { continue }
            actions += steps(for: object, of: fleet, on: node, seen, now)
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
    for object: FleetObject, of fleet: Fleet, on node: String, _ seen: NodeObservations, _ now: Instant
) -> [PlannedAction] {
    guard let (situation, images) = seen.situation(of: object, in: fleet, now: now) else { return [] }
    let age = seen.machines[object.uid]?.ageMilliseconds
    return situation.steps(images: images, isEnding: seen.isEnding, now: now).map { step in
        PlannedAction(
            key: object.key, node: node, action: step.action.verb, reason: step.reason,
            observedAgeMilliseconds: age, changesSomething: step.action.changesSomething)
    }
}
