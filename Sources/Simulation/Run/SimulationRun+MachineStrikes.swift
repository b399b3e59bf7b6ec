import Hypervisor
import Primitives
import Replica

// What goes wrong with machines.
extension SimulationRun {
    mutating func strikeMachine(_ kind: FaultKind, _ chance: inout SeededGenerator) {
        let node = chance.element(of: hosts)
        let uids = nodes[node].machines.machines.keys.sorted()
        guard !uids.isEmpty else { return }
        let uid = chance.element(of: uids)
        count(kind)
        note(.struck(kind, node: node))
        let now = clock(of: node)
        switch kind {
        case .machineCrash: nodes[node].machines.crash(uid, message: "killed by signal 9", now: now)
        case .machinePause: nodes[node].machines.pause(uid, now: now)
        case .machineSuspend: nodes[node].machines.suspend(uid, now: now)
        case .machinePowerOff: nodes[node].machines.powerOff(uid, now: now)
        case .machinePanic: nodes[node].machines.panic(uid, now: now)
        case .machineDiskFailure: nodes[node].machines.failDisk(uid, message: "no space left", now: now)
        case .machineHang: nodes[node].machines.hang(uid, now: now)
        case .foreignProcess: nodes[node].machines.occupy(uid, now: now)
        case .failedStart:
            nodes[node].machines.failNextStart(
                uid, with: .retryable(.startFailed, message: "the process ended at once"))
        default: preconditionFailure("\(kind) strikes no machine")
        }
        schedule(.machineChanged(uid, node: node), in: machineChance.within(0...100))
    }
}
