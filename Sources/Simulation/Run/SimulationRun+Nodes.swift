import DiskFaults
import Fleet
import Hypervisor
import Journal
import Manifest
import Primitives
import Raft
import Reconcile
import Replica

// The life of agents: starts with what the disk holds, takes inputs, ends at any moment.
extension SimulationRun {
    mutating func start(_ index: Int) throws(Violation) {
        guard !nodes[index].isUp, !nodes[index].isRetired, !nodes[index].isRefused, phase != .over else { return }
        let identity = nodes[index].identity
        let disk = FaultyDisk(nodes[index].image)
        disk.capacity = nodes[index].capacity
        disk.lie = diskLie
        if isFaulty, swarm.interruptsRecovery, diskChance.chance(150) { interruptRecovery(disk) }
        let opened: (journal: SimulatedJournal, recovered: RecoveredJournal)
        do throws(JournalError) {
            opened = try SimulatedJournal.open(
                disk, journalIdentity(identity), saltSeed: seeds.next(),
                forgetsVotes: options.plantedBug == .forgetVote)
        } catch {
            try failedToOpen(index, disk, error)
            return
        }
        disk.disarm()
        let (fleet, storage) = try recover(index, opened.recovered)
        nodes[index].runs += 1
        report[.starts] += 1
        let run = AgentRun(node: index, number: nodes[index].runs)
        let replica = Replica(
            identity: identity, storage: storage, fleet: fleet, seed: seeds.next(), now: clock(of: index),
            wall: wall(of: index),
            snapshotPolicy: SnapshotPolicy(
                entries: swarm.snapshotEntries, bytes: 64 << 20, trailingEntries: swarm.trailingEntries,
                trailingBytes: 16 << 20))
        var journal = opened.journal
        journal.durable = nodes[index].durable
        nodes[index].agent = SimulatedNode.Agent(run: run, replica: replica, journal: journal)
        note(.started(node: index, index: fleet.appliedIndex, term: storage.hardState.term.rawValue))
        // What was known to be committed is applied at once.
        var start = StepStart(replica)
        start.applied = LogIndex(fleet.appliedIndex)
        try check(index, since: start, [])
        try checkMembership(index)
        schedule(.input(.facts(Self.facts(index)), run), in: machineChance.within(0...50))
        schedule(.lookAtPeers(run), in: 0)
        schedule(.tick(run), in: faultChance.within(1...ReplicaTiming.tickMilliseconds))
        schedule(.sealJournal(run, writes: 0), in: JournalThread.sealAfterMilliseconds)
        let found = nodes[index].machines.observeAll(now: clock(of: index))
        if options.plantedBug == .deleteStrangers { try deleteStrangers(index, unknownTo: fleet) }
        if options.plantedBug == .startWithoutCatchingUp { try startAll(in: fleet, run) }
        schedule(.input(.observedAll(found), run), in: 0)
        if nodes[index].agent?.journal.isShortOfSpace == true { schedule(.spaceWanted(run), in: 0) }
    }

    /// The start ends at some moment before the log is open, or something can't be read.
    private mutating func interruptRecovery(_ disk: FaultyDisk) {
        if diskChance.chance(250) {
            disk.failingLook = 1 + diskChance.below(20)
        } else {
            disk.fault = (1 + diskChance.below(20), .crash(keepsBytes: keptBytes()))
        }
    }

    /// How much of an interrupted write is there; nil is all of it.
    private mutating func keptBytes() -> Int? { diskChance.chance(500) ? diskChance.below(2048) : nil }

    /// What the planted bugs make of disks.
    var diskLie: FaultyDisk.Lie? {
        switch options.plantedBug {
        case .syncNothing: .syncs
        case .syncNoDirectory: .directorySyncs
        case .goOnAfterFailedSync: .failedSyncs
        default: nil
        }
    }

    /// What the start of a node may say and do when its log can't be opened.
    private mutating func failedToOpen(
        _ index: Int, _ disk: FaultyDisk, _ error: JournalError
    ) throws(Violation) {
        let id = nodes[index].identity.id
        nodes[index].image = disk.image
        if disk.hasFailed {
            // The agent ends while it opens its log, with or without the power.
            count(.crashInRecovery)
            if diskChance.chance(500) { losePower(index, disk.image) }
            note(.crashed(node: index, why: FaultKind.crashInRecovery.rawValue))
        } else if error.isRetriable {
            note(.crashed(node: index, why: "there is no room to open the log"))
        } else {
            guard atlas.damaged.contains(id) else {
                throw Violation(.durability, "node \(id) can't open its log: \(error)")
            }
            if options.plantedBug == .acceptDamage, case .damaged(let damage) = error {
                nodes[index].image.cut(at: damage.offset, in: damage.file)
                schedule(.restart(node: index), in: 1)
                return
            }
            refused(index, "\(error)")
            return
        }
        schedule(.restart(node: index), in: faultChance.within(0...3000))
    }

    /// The node has lost what it promised, and says so; the operator must replace it.
    mutating func refused(_ index: Int, _ why: String) {
        if options.plantedBug == .reuseIdentity,
            let blank = try? SimulatedJournal.blankDisk(
                journalIdentity(nodes[index].identity), founding: nil, saltSeed: seeds.next())
        {
            nodes[index].image = blank.image
            schedule(.restart(node: index), in: 100)
            return
        }
        nodes[index].isRefused = true
        report[.refusedLogs] += 1
        note(.noticed(node: index, why))
        operations.replace(index, named: nodes[index].name, isOptional: false)
        schedule(.operatorActs, in: operatorChance.within(100...5000))
    }

    /// State and log from what the disk holds, checked against what it must hold.
    private mutating func recover(
        _ index: Int, _ recovered: RecoveredJournal
    ) throws(Violation) -> (Fleet, MemoryStorage) {
        let id = nodes[index].identity.id
        if let difference = nodes[index].durable.difference(from: recovered) {
            guard let other = nodes[index].durableIfDone, other.difference(from: recovered) == nil else {
                throw Violation(.durability, "node \(id) comes back with \(difference)")
            }
            nodes[index].durable = other
        }
        nodes[index].durableIfDone = nil
        if recovered.unreadableSnapshot == nil { atlas.clear(id) }
        var fleet = Fleet()
        if let snapshot = recovered.snapshot {
            guard let restored = try? Fleet(snapshot: snapshot.snapshot.data) else {
                throw Violation(.coding, "the snapshot of node \(id) is unreadable")
            }
            guard restored.stateHash == snapshot.stateHash else {
                throw Violation(.stateEquality, "the snapshot of node \(id) is not the state that was saved")
            }
            try history.check(stateHash: restored.stateHash, at: restored.appliedIndex, of: id)
            fleet = restored
        }
        try ledger.note(recovered.entries, after: nil, by: id)
        let storage = MemoryStorage(
            hardState: recovered.hardState, snapshot: recovered.snapshot?.snapshot, entries: recovered.entries)
        return (fleet, storage)
    }

    private static func facts(_ index: Int) -> NodeFacts {
        let resources = NodeResources(cpus: 64, memoryBytes: 256 << 30)
        return NodeFacts(
            version: "1", capacity: resources, allocatable: resources, accelerator: nil, hypervisorProblem: nil,
            addresses: ["host-\(index + 1):7001"])
    }

    /// Ends the agent at this moment, with whatever it was doing.
    ///
    /// - Parameter losesPower: Then the disk forgets what was not synced, and machines end.
    mutating func crash(_ index: Int, losesPower: Bool, why: String) {
        guard var journal = nodes[index].agent?.journal else { return }
        var cut: (operations: Int, keepsBytes: Int?)?
        nodes[index].durable = journal.durable
        nodes[index].durableIfDone = nil
        if !journal.group.isEmpty || journal.snapshotAtWork != nil {
            nodes[index].durableIfDone = journal.durableAfterGroup
            switch diskChance.below(4) {
            case 0: cut = (0, 0)
            case 1: cut = nil
            default:
                let interruption = (operations: diskChance.below(12), keepsBytes: keptBytes())
                cut = swarm.interruptsWrites ? interruption : (0, 0)
                if swarm.interruptsWrites { count(.interruptedWrite) }
            }
        }
        var image = journal.crash(at: cut)
        if options.plantedBug == .rolledBackDisk { image = nodes[index].image }
        nodes[index].agent = nil
        nodes[index].image = image
        if losesPower { losePower(index, image) }
        note(.crashed(node: index, why: why))
        for user in users.indices where users[user].task?.node == index {
            schedule(.userWaited(user, attempt: users[user].attempt), in: userChance.within(0...500))
        }
    }

    mutating func losePower(_ index: Int, _ image: DiskImage) {
        let survival = swarm.survivalPerMille
        // Its own, so that what the image asks for does not shift what happens later.
        var chance = diskChance.split()
        var lost = 0
        nodes[index].image = image.crashed {
            let survives = chance.chance(survival)
            if !survives { lost += 1 }
            return survives
        }
        if lost > 0 { count(.lostSectors, lost) }
        nodes[index].machines.loseHost()
    }

    func isCurrent(_ run: AgentRun) -> Bool { nodes[run.node].agent?.run == run }
}
