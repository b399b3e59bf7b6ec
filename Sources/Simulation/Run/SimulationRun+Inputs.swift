import Fleet
import Primitives
import Raft
import Reconcile
import Replica
import Wire

// What comes to a node: its clock, its view of the mesh, and everything else, through one door.
extension SimulationRun {
    mutating func tick(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        // A stall costs ticks instead of a burst of them.
        if nodes[run.node].agent?.isPaused == false, nodes[run.node].agent?.ticksAreStalled == false {
            try feed(.tick, to: run)
        }
        schedule(.tick(run), in: nodes[run.node].clock.trueMilliseconds(ReplicaTiming.tickMilliseconds))
    }

    mutating func lookAtPeers(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        var observations: [NodeID: PeerObservation] = [:]
        for index in nodes.indices where index != run.node && !nodes[index].isRetired {
            let isReachable = nodes[index].isUp && network.isConnected(run.node, index)
            observations[nodes[index].identity.id] = PeerObservation(isConnected: isReachable, silentMilliseconds: nil)
        }
        try feed(.peers(observations), to: run)
        schedule(.lookAtPeers(run), in: 1000)
    }

    mutating func resume(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run), nodes[run.node].agent?.isPaused == true else { return }
        nodes[run.node].agent?.isPaused = false
        try takeInbox(run)
    }

    /// The one door of a node: an input goes in, its effects are performed in order, and everything is checked.
    mutating func feed(_ input: ReplicaInput, to run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        let isPaused = nodes[run.node].agent?.isPaused ?? false
        let isAlone = nodes[run.node].agent?.inbox.isEmpty ?? true
        guard isPaused || !isAlone || swarm.gatherMilliseconds > 0 else {
            try step([input], run)
            return
        }
        if isAlone, !isPaused {
            schedule(.takeInbox(run), in: networkChance.within(0...swarm.gatherMilliseconds))
        }
        nodes[run.node].agent?.inbox.append(input)
    }

    /// The node leads no more, for no reason that any node sees.
    mutating func resign(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run), nodes[run.node].agent?.isPaused == false else { return }
        let (now, wall) = (clock(of: run.node), wall(of: run.node))
        let effects = nodes[run.node].agent?.replica.resign(now: now, wall: wall) ?? []
        try holdToPlan(effects, after: [], run)
        for effect in effects { try perform(effect, run) }
    }

    /// The node takes everything that has gathered at once.
    mutating func takeInbox(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run), nodes[run.node].agent?.isPaused == false else { return }
        let inputs = nodes[run.node].agent?.inbox ?? []
        nodes[run.node].agent?.inbox = []
        if !inputs.isEmpty { try step(inputs, run) }
    }

    private mutating func step(_ inputs: [ReplicaInput], _ run: AgentRun) throws(Violation) {
        let index = run.node
        guard let start = nodes[index].agent.map({ StepStart($0.replica) }) else { return }
        let (now, wall) = (clock(of: index), wall(of: index))
        let effects = nodes[index].agent?.replica.step(inputs, now: now, wall: wall) ?? []
        try check(index, since: start, inputs)
        planPlacement(of: index, before: start.placement)
        try holdToPlan(effects, after: inputs, run)
        for effect in effects { try perform(effect, run) }
    }
}
