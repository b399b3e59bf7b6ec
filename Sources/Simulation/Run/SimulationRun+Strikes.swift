import DiskFaults
import Fleet
import Host
import Hypervisor
import Primitives
import Raft
import Replica

// What the schedule has in store: each strike draws its victim and its strength from its own chance.
extension SimulationRun {
    mutating func carryOut(_ strike: SimulationSchedule.Strike) throws(Violation) {
        guard phase == .faults else { return }
        var chance = SeededGenerator(seed: strike.chance)
        switch strike.kind {
        case .partition, .oneWayPartition, .isolatedLeader, .isolatedNode, .cloggedLink:
            cutNetwork(strike.kind, &chance)
        case .crash, .hostReboot, .pause, .tickStall, .clockJump, .clockRate, .resignedLeader:
            try strikeNode(strike.kind, &chance)
        case .slowDisk, .failedSync, .failedWrite, .fullDisk, .bitRot, .misdirectedWrite, .lostDisk:
            strikeDisk(strike.kind, &chance)
        case .removedNode, .removedLeader, .newNode: strikeMembers(strike.kind, &chance)
        case .machineCrash, .machinePause, .machineSuspend, .machinePowerOff, .machinePanic, .machineDiskFailure,
            .machineHang, .foreignProcess, .failedStart:
            strikeMachine(strike.kind, &chance)
        case .lostMessage, .duplicatedMessage, .delayedMessage, .reorderedMessage, .cutMessage, .cutTransfer,
            .duplicatedTransfer, .lostTransferReport, .crashInRecovery, .interruptedWrite, .lostSectors, .lostAnswer,
            .repeatedRequest, .abandonedRequest:
            preconditionFailure("\(strike.kind) does not strike, it happens by the way")
        }
    }

    private mutating func noteStrike(_ kind: FaultKind, _ node: Int?) {
        count(kind)
        note(.struck(kind, node: node))
    }

    /// Hosts that are not switched off.
    var hosts: [Int] { nodes.indices.filter { !nodes[$0].isRetired } }

    var newestLeader: Int? {
        hosts.filter { nodes[$0].agent?.replica.role == .leader }.max { left, right in
            (nodes[left].agent?.replica.term ?? .zero) < (nodes[right].agent?.replica.term ?? .zero)
        }
    }

    // MARK: Network

    private mutating func cutNetwork(_ kind: FaultKind, _ chance: inout SeededGenerator) {
        let all = hosts
        guard all.count > 1 else { return }
        if kind == .cloggedLink {
            clogLink(all, &chance)
            return
        }
        var side: [Int] = []
        switch kind {
        case .isolatedLeader:
            guard let leader = newestLeader else { return }
            side = [leader]
        case .isolatedNode: side = [chance.element(of: all)]
        default:
            for node in all where chance.chance(500) { side.append(node) }
            if side.isEmpty || side.count == all.count { side = [all[0]] }
        }
        let others = all.filter { !side.contains($0) }
        let bothWays = kind != .oneWayPartition && !(kind != .partition && chance.chance(300))
        let number =
            chance.chance(500)
            ? network.cut(side, from: others, bothWays: bothWays) : network.cut(others, from: side, bothWays: bothWays)
        for transfer in transfers.values where !network.isConnected(transfer.sender.node, transfer.receiver) {
            transfers[transfer.number]?.isCut = true
        }
        noteStrike(kind, side.first)
        schedule(.heal(.partition(number)), in: chance.within(200...12_000))
    }

    private mutating func clogLink(_ all: [Int], _ chance: inout SeededGenerator) {
        let sender = chance.element(of: all)
        let receiver = chance.element(of: all.filter { $0 != sender })
        network.clog(from: sender, to: receiver, by: chance.within(500...5000))
        noteStrike(.cloggedLink, sender)
        schedule(.heal(.cloggedLink(from: sender, to: receiver)), in: chance.within(1000...15_000))
    }

    mutating func heal(_ wound: Wound) {
        switch wound {
        case .partition(let number): network.heal(number)
        case .cloggedLink(let sender, let receiver): network.unclog(from: sender, to: receiver)
        case .slowDisk(let node): nodes[node].diskIsSlow = false
        case .fullDisk(let node): setCapacity(nil, node)
        case .tickStall(let run): if isCurrent(run) { nodes[run.node].agent?.ticksAreStalled = false }
        }
        note(.healed(wound))
    }

    // MARK: Nodes

    private mutating func strikeNode(_ kind: FaultKind, _ chance: inout SeededGenerator) throws(Violation) {
        let node = kind == .resignedLeader ? newestLeader : chance.element(of: hosts)
        guard let node, let run = nodes[node].agent?.run else { return }
        noteStrike(kind, node)
        switch kind {
        case .crash, .hostReboot:
            crash(node, losesPower: kind == .hostReboot, why: kind.rawValue)
            schedule(.restart(node: node), in: chance.within(0...chance.element(of: [50, 2000, 15_000])))
        case .pause:
            nodes[node].agent?.isPaused = true
            schedule(.resume(run), in: chance.within(100...chance.element(of: [500, 8000])))
        case .tickStall:
            nodes[node].agent?.ticksAreStalled = true
            schedule(.heal(.tickStall(run)), in: chance.within(500...chance.element(of: [2000, 20_000])))
        case .clockJump: nodes[node].wallOffset += chance.within(-600_000...600_000)
        case .clockRate: nodes[node].clock.setRate(chance.within(900...1100), at: now)
        case .resignedLeader: try resign(run)
        default: preconditionFailure("\(kind) strikes no node")
        }
    }

    // MARK: Disks

    private mutating func strikeDisk(_ kind: FaultKind, _ chance: inout SeededGenerator) {
        let node = chance.element(of: hosts)
        switch kind {
        case .bitRot, .misdirectedWrite: damage(node, kind, &chance)
        case .lostDisk: loseDisk(node)
        case .slowDisk:
            nodes[node].diskIsSlow = true
            noteStrike(kind, node)
            schedule(.heal(.slowDisk(node: node)), in: chance.within(500...10_000))
        case .fullDisk:
            let image = nodes[node].agent?.journal.disk.image ?? nodes[node].image
            setCapacity(image.visibleBytes + chance.below(chance.element(of: [1, 20 << 10, 80 << 10])), node)
            noteStrike(kind, node)
            schedule(.heal(.fullDisk(node: node)), in: chance.within(1000...20_000))
        case .failedSync, .failedWrite:
            guard let disk = nodes[node].agent?.journal.disk else { return }
            disk.failNext =
                kind == .failedSync ? .sync : chance.element(of: [.write, .rename, .create, .syncDirectory])
            noteStrike(kind, node)
        default: preconditionFailure("\(kind) strikes no disk")
        }
    }

    private mutating func setCapacity(_ bytes: Int?, _ node: Int) {
        nodes[node].capacity = bytes
        nodes[node].agent?.journal.disk.capacity = bytes
    }

    /// Damages what has been at rest for long.
    private mutating func damage(_ node: Int, _ kind: FaultKind, _ chance: inout SeededGenerator) {
        guard !nodes[node].isRefused, atlas.permits(nodes[node].identity.id, memberships: membershipsInForce)
        else { return }
        var image = nodes[node].agent?.journal.disk.image ?? nodes[node].image
        let what = kind == .bitRot ? image.rot(&chance) : image.misplace(&chance)
        guard let what else { return }
        if let disk = nodes[node].agent?.journal.disk { disk.image = image } else { nodes[node].image = image }
        atlas.damage(nodes[node].identity.id)
        noteStrike(kind, node)
        note(.noticed(node: node, what))
    }

    private mutating func loseDisk(_ node: Int) {
        guard !nodes[node].isRefused, atlas.permits(nodes[node].identity.id, memberships: membershipsInForce)
        else { return }
        atlas.damage(nodes[node].identity.id)
        noteStrike(.lostDisk, node)
        crash(node, losesPower: true, why: FaultKind.lostDisk.rawValue)
        nodes[node].machines.loseHost()
        refused(node, "its disk is lost")
    }

    // MARK: Members

    private mutating func strikeMembers(_ kind: FaultKind, _ chance: inout SeededGenerator) {
        guard nodes.count < Self.mostHosts else { return }
        switch kind {
        case .newNode:
            guard history.fleet.members.count < options.nodes + 2 else { return }
            operations.add()
            noteStrike(kind, nil)
        default:
            // Of two voters, one that is taken out may leave the other unable to go on; add a third first.
            guard membershipsInForce.allSatisfy({ $0.isEmpty || $0.count > 2 }) else { return }
            let node = kind == .removedLeader ? newestLeader : chance.element(of: hosts)
            guard let node else { return }
            operations.replace(node, named: nodes[node].name, isOptional: true)
            noteStrike(kind, node)
        }
        schedule(.operatorActs, in: chance.within(0...1000))
    }

    /// So many keys and ids there are.
    private static var mostHosts: Int { 120 }

    // MARK: Machines

    private mutating func strikeMachine(_ kind: FaultKind, _ chance: inout SeededGenerator) {
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
