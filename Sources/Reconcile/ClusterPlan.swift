public import Fleet
public import Hypervisor
public import Manifest
public import Primitives

/// What one node saw of its machines, as another node got it.
public struct NodeObservations: Equatable, Sendable {
    public struct Machine: Equatable, Sendable {
        public var observation: MachineObservation
        public var history: MachineHistory
        /// How old the look was when the plan was made.
        public var ageMilliseconds: Int64

        public init(observation: MachineObservation, history: MachineHistory, ageMilliseconds: Int64) {
            self.observation = observation
            self.history = history
            self.ageMilliseconds = ageMilliseconds
        }
    }

    public var machines: [UID: Machine]
    public var images: ImageShelf

    public init(machines: [UID: Machine], images: ImageShelf) {
        self.machines = machines
        self.images = images
    }
}

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
/// ``planMachine(_:observed:history:images:now:)`` for each, and ``planPeers(_:local:peers:)``.
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
            let images = nodes[binding.node]?.images ?? ImageShelf()
            actions += steps(for: bound, on: binding.node, nil, images, now)
        } else if let node = object.binding?.node {
            guard let observations = nodes[node] else { continue }
            actions += steps(for: object, on: node, observations.machines[object.uid], observations.images, now)
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
    for object: FleetObject, on node: String, _ machine: NodeObservations.Machine?, _ images: ImageShelf, _ now: Instant
) -> [PlannedAction] {
    guard let desired = DesiredMachine(object) else { return [] }
    // A machine that its node has never seen is absent there: the node looks at all of them before it answers.
    let observation = machine?.observation ?? MachineObservation(uid: object.uid, state: .absent, observedAt: now)
    let history = machine?.history ?? MachineHistory()
    return planMachine(desired, observed: observation, history: history, images: images, now: now).map { step in
        PlannedAction(
            key: object.key, node: node, action: step.action.verb, reason: step.reason,
            observedAgeMilliseconds: machine?.ageMilliseconds, changesSomething: step.action.changesSomething)
    }
}
