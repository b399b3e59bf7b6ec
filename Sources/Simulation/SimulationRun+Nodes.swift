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
        guard nodes[index].agent == nil, phase != .over else { return }
        let identity = nodes[index].identity
        let opened: (journal: SimulatedJournal, recovered: RecoveredJournal)
        let disk = SimulatedDisk(nodes[index].image)
        let isInterrupted = isFaulty && swarm.strikes.contains(.crash) && diskChance.chance(150)
        if isInterrupted { disk.fail(afterOperations: diskChance.below(20)) }
        do throws(JournalError) {
            opened = try SimulatedJournal.open(
                disk, journalIdentity(identity), saltSeed: seeds.next(),
                forgetsVotes: options.plantedBug == .forgetVote)
        } catch {
            if disk.hasFailed {
                interrupted(index, disk.image)
                return
            }
            throw Violation(.durability, "node \(identity.id) can't open its log: \(error)")
        }
        let (fleet, storage) = try recover(index, opened.recovered)
        nodes[index].runs += 1
        let run = AgentRun(node: index, number: nodes[index].runs)
        let replica = Replica(
            identity: identity, storage: storage, fleet: fleet, seed: seeds.next(), now: now, wall: wall(of: index),
            snapshotPolicy: SnapshotPolicy(
                entries: swarm.snapshotEntries, bytes: 64 << 20, trailingEntries: swarm.trailingEntries))
        nodes[index].agent = SimulatedNode.Agent(run: run, replica: replica, journal: opened.journal)
        note(.started(node: index, index: fleet.appliedIndex, term: storage.hardState.term.rawValue))
        // What was known to be committed is applied at once.
        try check(index, appliedBefore: LogIndex(fleet.appliedIndex))
        schedule(.input(.facts(Self.facts(index)), run), in: machineChance.within(0...50))
        schedule(.lookAtPeers(run), in: 0)
        schedule(.tick(run), in: faultChance.within(1...ReplicaTiming.tickMilliseconds))
        let found = nodes[index].machines.observeAll(now: now)
        if options.plantedBug == .deleteStrangers { try deleteStrangers(index, unknownTo: fleet) }
        schedule(.input(.observedAll(found), run), in: 0)
    }

    /// The agent ends while it opens its log, with or without the power.
    private mutating func interrupted(_ index: Int, _ image: DiskImage) {
        count(.crashInRecovery)
        nodes[index].image = image
        if diskChance.chance(500) { losePower(index, image) }
        note(.crashed(node: index, why: FaultKind.crashInRecovery.rawValue))
        schedule(.restart(node: index), in: faultChance.within(0...3000))
    }

    /// State and log from what the disk holds, checked against what others were told.
    private func recover(
        _ index: Int, _ recovered: RecoveredJournal
    ) throws(Violation) -> (Fleet, MemoryStorage) {
        let id = nodes[index].identity.id
        let state = recovered.hardState
        guard state.term >= nodes[index].promisedTerm else {
            throw Violation(
                .durability,
                "node \(id) comes back in term \(state.term) after it spoke in \(nodes[index].promisedTerm)")
        }
        if let promised = nodes[index].promisedVote, promised.term == state.term, promised.candidate != state.vote {
            throw Violation(
                .durability, "node \(id) comes back without its vote for \(promised.candidate) in term \(state.term)")
        }
        var fleet = Fleet()
        if let snapshot = recovered.snapshot {
            guard let restored = try? Fleet(snapshot: snapshot.snapshot.data) else {
                throw Violation(.coding, "the snapshot of node \(id) is unreadable")
            }
            guard restored.stateHash == snapshot.stateHash else {
                throw Violation(.stateEquality, "the snapshot of node \(id) is not the state that was saved")
            }
            fleet = restored
        }
        return (
            fleet, MemoryStorage(hardState: state, snapshot: recovered.snapshot?.snapshot, entries: recovered.entries)
        )
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
        var operations: Int?
        if !journal.group.isEmpty {
            switch diskChance.below(4) {
            case 0: operations = 0
            case 1: operations = nil
            default:
                operations = diskChance.below(6)
                count(.interruptedWrite)
            }
        }
        var image = journal.crash(afterOperations: operations)
        if options.plantedBug == .rolledBackDisk { image = nodes[index].image }
        nodes[index].agent = nil
        nodes[index].image = image
        if losesPower { losePower(index, image) }
        note(.crashed(node: index, why: why))
        for user in users.indices where users[user].task?.node == index {
            schedule(.userWaited(user, attempt: users[user].attempt), in: userChance.within(0...500))
        }
    }

    private mutating func losePower(_ index: Int, _ image: DiskImage) {
        let uncertain = image.unsyncedCount
        if uncertain > 0 { count(.lostSectors, uncertain) }
        let survival = swarm.survivalPerMille
        var chance = diskChance
        nodes[index].image = image.crashed { chance.chance(survival) }
        diskChance = chance
        nodes[index].machines.loseHost()
    }

    func isCurrent(_ run: AgentRun) -> Bool { nodes[run.node].agent?.run == run }

    // MARK: Inputs

    mutating func tick(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        // A stall costs ticks instead of a burst of them.
        if nodes[run.node].agent?.isPaused == false { try feed(.tick, to: run) }
        schedule(.tick(run), in: ReplicaTiming.tickMilliseconds)
    }

    mutating func lookAtPeers(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        var observations: [NodeID: PeerObservation] = [:]
        for index in nodes.indices where index != run.node {
            let isReachable =
                nodes[index].isUp && !network.isCut(from: run.node, to: index)
                && !network.isCut(from: index, to: run.node)
            observations[nodes[index].identity.id] = PeerObservation(isConnected: isReachable, silentMilliseconds: nil)
        }
        try feed(.peers(observations), to: run)
        if let since = nodes[run.node].agent?.writingSince, now - since >= ReplicaTiming.diskStallMilliseconds {
            try feed(.diskStalled, to: run)
        }
        schedule(.lookAtPeers(run), in: 1000)
    }

    mutating func resume(_ run: AgentRun) throws(Violation) {
        guard isCurrent(run), nodes[run.node].agent?.isPaused == true else { return }
        nodes[run.node].agent?.isPaused = false
        let waiting = nodes[run.node].agent?.inbox ?? []
        nodes[run.node].agent?.inbox = []
        for input in waiting { try feed(input, to: run) }
    }

    /// The one door of a node: an input goes in, its effects are performed in order, and everything is checked.
    mutating func feed(_ input: ReplicaInput, to run: AgentRun) throws(Violation) {
        guard isCurrent(run) else { return }
        if nodes[run.node].agent?.isPaused == true {
            nodes[run.node].agent?.inbox.append(input)
            return
        }
        let before = LogIndex(nodes[run.node].agent?.replica.fleet.appliedIndex ?? 0)
        let effects = step(input, run.node)
        try check(run.node, appliedBefore: before)
        for effect in effects { try perform(effect, run) }
    }

    private mutating func step(_ input: ReplicaInput, _ index: Int) -> [ReplicaEffect] {
        let wall = wall(of: index)
        return nodes[index].agent?.replica.step(input, now: now, wall: wall) ?? []
    }
}
