import Fleet
import Hypervisor
import Primitives
import Replica

// The driver: it takes its time, may fail, and works on when the agent is gone.
extension SimulationRun {
    mutating func driverBegins(_ uid: UID, _ work: MachineWork, _ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        let index = run.node
        let now = clock(of: index)
        var failure: MachineFailure?
        var end = now
        do throws(MachineFailure) {
            switch work {
            case .look: break
            case .start(var spec):
                if options.plantedBug == .startUnderNextEpoch { spec.epoch += 1 }
                guard mayStart(spec, on: index) else { throw .permanent(.badConfiguration, message: Self.unbound) }
                end = try nodes[index].machines.start(spec, now: now, wallTime: wall(of: index))
                if options.plantedBug == .startElsewhereToo {
                    let other = (index + 1) % nodes.count
                    _ = try nodes[other].machines.start(spec, now: clock(of: other), wallTime: wall(of: other))
                }
            case .resume: try nodes[index].machines.resume(uid, now: now)
            case .stop(let grace): end = try nodes[index].machines.stop(uid, graceMilliseconds: grace, now: now)
            case .delete:
                if options.plantedBug != .keepDeletedMachines { try nodes[index].machines.delete(uid, now: now) }
            }
        } catch {
            failure = error
        }
        if failure?.message == Self.unbound {
            throw Violation(.boundStart, "node \(index + 1) starts machine \(uid.short), which is not bound to it")
        }
        if work == .delete { try checkDeletion(uid, index) }
        note(
            .machine(
                node: index, uid, verb: Self.verb(work), outcome: failure.map { "\($0)" } ?? "done in \(end - now) ms"))
        try checkOneMachine(uid)
        let takes = nodes[index].clock.trueMilliseconds(end - now)
        if takes > 0 { schedule(.machineChanged(uid, node: index), in: takes) }
        if options.plantedBug == .loseDriverAnswers, machineChance.chance(200) { return }
        schedule(.driverDone(uid, failure, run), in: takes)
    }

    /// Whether the machine was ever bound to this node under that epoch, and the node has caught up since its start.
    private func mayStart(_ spec: MachineSpec, on index: Int) -> Bool {
        history.isBound(spec.uid, to: nodes[index].name, epoch: spec.epoch)
            && nodes[index].agent?.replica.isCaughtUp == true
    }

    private static let unbound = "not bound"

    private static func verb(_ work: MachineWork) -> String {
        switch work {
        case .look: "looks at"
        case .start: "starts"
        case .resume: "resumes"
        case .stop: "stops"
        case .delete: "deletes"
        }
    }

    func checkDeletion(_ uid: UID, _ index: Int) throws(Violation) {
        guard history.isDeleted(uid) else {
            throw Violation(.wantedDeletion, "node \(index + 1) deletes machine \(uid.short), which no user deleted")
        }
    }

    mutating func driverDone(_ uid: UID, _ failure: MachineFailure?, _ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        try feed(.machineDone(uid, failure, observe(uid, run.node)), to: run)
    }

    mutating func look(_ uid: UID, _ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        try feed(.observed(observe(uid, run.node)), to: run)
    }

    private func observe(_ uid: UID, _ index: Int) -> MachineObservation {
        if options.plantedBug == .keepDeletedMachines, history.isDeleted(uid) {
            return MachineObservation(uid: uid, state: .absent, observedAt: clock(of: index))
        }
        return nodes[index].machines.observe(uid, now: clock(of: index))
    }

    mutating func machineChanged(_ uid: UID, _ index: Int) throws(Violation) {
        guard let run = nodes[index].agent?.run else { return }
        try feed(.machineChanged(uid), to: run)
    }
}
