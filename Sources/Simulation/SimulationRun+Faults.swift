import Hypervisor
import Primitives
import Raft
import Replica

// What goes wrong: from time to time one of the seed's faults strikes, and most heal by themselves.
extension SimulationRun {
    mutating func strike() throws(Violation) {
        guard phase == .faults else { return }
        let kind = faultChance.element(of: swarm.strikes)
        strike(kind)
        schedule(.strike, in: faultChance.within(1...2 * swarm.strikeEveryMilliseconds))
    }

    private mutating func strike(_ kind: FaultKind) {
        switch kind {
        case .partition, .oneWayPartition, .isolatedLeader, .isolatedNode: cutNetwork(kind)
        case .crash, .hostReboot, .pause, .clockJump, .slowDisk, .failedSync: strikeNode(kind)
        case .machineCrash, .machinePause, .machineSuspend, .machinePowerOff, .machinePanic, .machineDiskFailure,
            .machineHang, .foreignProcess, .failedStart:
            strikeMachine(kind)
        case .lostMessage, .duplicatedMessage, .delayedMessage, .cutMessage, .crashInRecovery, .interruptedWrite,
            .lostSectors, .lostAnswer:
            preconditionFailure("\(kind) does not strike, it happens by the way")
        }
    }

    private mutating func struck(_ kind: FaultKind, _ node: Int?) {
        count(kind)
        note(.struck(kind, node: node))
    }

    // MARK: Network

    private mutating func cutNetwork(_ kind: FaultKind) {
        guard nodes.count > 1 else { return }
        let all = Array(nodes.indices)
        var side: [Int] = []
        switch kind {
        case .isolatedLeader:
            guard let leader = newestLeader else { return }
            side = [leader]
        case .isolatedNode: side = [faultChance.element(of: all)]
        default:
            for node in all where faultChance.chance(500) { side.append(node) }
            if side.isEmpty || side.count == all.count { side = [all[0]] }
        }
        let others = all.filter { !side.contains($0) }
        let bothWays = kind != .oneWayPartition && !(kind != .partition && faultChance.chance(300))
        let number =
            faultChance.chance(500)
            ? network.cut(side, from: others, bothWays: bothWays) : network.cut(others, from: side, bothWays: bothWays)
        struck(kind, side.first)
        schedule(.heal(.partition(number)), in: faultChance.within(200...12_000))
    }

    private var newestLeader: Int? {
        nodes.indices.filter { nodes[$0].agent?.replica.role == .leader }.max { left, right in
            (nodes[left].agent?.replica.term ?? .zero) < (nodes[right].agent?.replica.term ?? .zero)
        }
    }

    mutating func heal(_ wound: Wound) {
        switch wound {
        case .partition(let number): network.heal(number)
        case .slowDisk(let node): nodes[node].diskIsSlow = false
        }
        note(.healed(wound))
    }

    // MARK: Nodes

    private mutating func strikeNode(_ kind: FaultKind) {
        let node = faultChance.below(nodes.count)
        guard let run = nodes[node].agent?.run else { return }
        struck(kind, node)
        switch kind {
        case .crash, .hostReboot:
            crash(node, losesPower: kind == .hostReboot, why: kind.rawValue)
            schedule(.restart(node: node), in: faultChance.within(0...faultChance.element(of: [50, 2000, 15_000])))
        case .pause:
            nodes[node].agent?.isPaused = true
            schedule(.resume(run), in: faultChance.within(100...faultChance.element(of: [500, 8000])))
        case .clockJump: nodes[node].wallOffset += faultChance.within(-600_000...600_000)
        case .slowDisk:
            nodes[node].diskIsSlow = true
            schedule(.heal(.slowDisk(node: node)), in: faultChance.within(500...10_000))
        case .failedSync: nodes[node].agent?.journal.failNextSync(afterOperations: faultChance.below(8))
        default: preconditionFailure("\(kind) strikes no node")
        }
    }

    // MARK: Machines

    private mutating func strikeMachine(_ kind: FaultKind) {
        let node = faultChance.below(nodes.count)
        let uids = nodes[node].machines.machines.keys.sorted()
        guard !uids.isEmpty else { return }
        let uid = faultChance.element(of: uids)
        struck(kind, node)
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
