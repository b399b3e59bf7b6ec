import Fleet
import Hypervisor
import Manifest
import Primitives
import Raft
import Reconcile
import Replica

// Plans are asked for at random moments, and what the loops then do is held against them.
extension SimulationRun {
    /// Asks a node for a plan of what is left to do, from what every node that runs sees.
    mutating func askForPlan() throws(Violation) {
        schedule(.planAsked, in: planChance.within(200...3000))
        let able = nodes.indices.filter { nodes[$0].agent.map { !$0.isPaused && $0.replica.isCaughtUp } ?? false }
        guard !able.isEmpty else { return }
        let planner = planChance.element(of: able)
        guard let basis = nodes[planner].agent?.replica.planBasis(now: clock(of: planner)) else { return }
        var told: [String: NodeObservations] = [:]
        var runs: [String: AgentRun] = [:]
        for index in nodes.indices {
            guard let agent = nodes[index].agent, let name = agent.replica.name else { continue }
            told[name] = try tell(agent.replica, of: index, to: planner)
            runs[name] = agent.run
        }
        report[.plans] += 1
        let actions = basis.actions(nodes: told, now: clock(of: planner))
        let steps = Dictionary(grouping: actions.filter { $0.action != "bind" }, by: \.key)
        for object in basis.fleet.objects(kind: "VirtualMachine", namespace: nil) {
            expectations.drop(object.uid)
            guard let node = object.binding?.node, let run = runs[node], let desired = DesiredMachine(object),
                let seen = told[node]?.machines[object.uid],
                let replica = nodes[run.node].agent?.replica, replica.isCaughtUp, !replica.isAtWork(on: object.uid)
            else { continue }
            expectations.expect(
                PlanExpectations.Machine(
                    run: run, desired: desired, observation: seen.observation,
                    steps: (steps[object.key] ?? []).map(\.action)))
        }
    }

    /// What a node tells another one of its machines, as it travels.
    private func tell(_ replica: Replica, of index: Int, to planner: Int) throws(Violation) -> NodeObservations {
        let seen = replica.observations(now: clock(of: index))
        guard var told = NodeObservations(json: seen.json(now: clock(of: index)), now: clock(of: planner)) else {
            throw Violation(.coding, "what node \(index + 1) tells of its machines can't be read")
        }
        if options.plantedBug == .planForgetsHistory {
            for uid in told.machines.keys { told.machines[uid]?.history = MachineHistory() }
        }
        return told
    }

    /// Holds what a node does after these inputs against the last plan.
    mutating func holdToPlan(
        _ effects: [ReplicaEffect], after inputs: [ReplicaInput], _ run: AgentRun
    ) throws(Violation) {
        expectations.take(inputs, by: run)
        guard let replica = nodes[run.node].agent?.replica else { return }
        func wanted(_ key: ObjectKey) -> DesiredMachine? { replica.fleet[key].flatMap { DesiredMachine($0) } }
        let lastChange = effects.lastIndex { if case .stateChanged = $0 { true } else { false } } ?? -1
        for (position, effect) in effects.enumerated() {
            guard case .perform(let uid, let work) = effect, work != .look else { continue }
            guard position > lastChange, let expected = expectations.machines[uid] else {
                // It follows from a state that has moved on in the same step.
                expectations.drop(uid)
                continue
            }
            try expectations.begun(work.verb, on: uid, wanting: wanted(expected.desired.key), by: run)
        }
        guard replica.isCaughtUp, !replica.isHalting, inputs.contains(where: \.isTick) else { return }
        try expectations.ticked(run) { wanted($0.key) }
    }

    /// Plans where a leader that has just proposed a batch of placements sends the machines.
    ///
    /// - Parameter before: The batch that was under way before the step.
    mutating func planPlacement(of index: Int, before: RequestID?) {
        guard let replica = nodes[index].agent?.replica, let (request, revision) = replica.placementInFlight,
            request != before, revision == replica.fleet.revision
        else { return }
        var basis = replica.planBasis(now: clock(of: index))
        if options.plantedBug == .planForgetsNode, let name = basis.ready.sorted().first { basis.ready.remove(name) }
        var placement: [ObjectKey: String] = [:]
        for action in basis.actions(nodes: [:], now: clock(of: index)) where action.action == "bind" {
            placement[action.key] = action.node
        }
        expectations.expect(placement, under: request)
    }

    /// Holds a committed batch of placements against the plan that was made when it was proposed.
    mutating func holdPlacement(_ entry: Entry) throws(Violation) {
        guard !expectations.placements.isEmpty, let (request, batch) = CanonicalHistory.placement(of: entry) else {
            return
        }
        var placement: [ObjectKey: String] = [:]
        for binding in batch.bindings { placement[binding.key] = binding.node }
        try expectations.placed(placement, under: request)
    }
}

extension ReplicaInput {
    fileprivate var isTick: Bool { if case .tick = self { true } else { false } }
}
