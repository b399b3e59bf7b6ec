import Fleet
import Primitives
import Raft

// Routes: each input to its part, and what runs by itself in its order.
extension Replica {
    var now: Instant { moment.now }

    mutating func handle(_ input: ReplicaInput) {
        switch input {
        case .tick: tick()
        case .message(let from, let message): receive(message, from: from)
        case .unreachable(let node): consensus.unreachable(node)
        case .peers(let observations): liveness.connected(observations)
        case .appended(let work):
            consensus.appended()
            completeAppend(work)
        case .snapshotSaved(let snapshot):
            snapshots.stored()
            consensus.compact(behind: snapshot, keeping: snapshots.policy, effects: &effects)
        case .snapshotFailed: snapshots.failed(at: now)
        case .snapshotReceived(let node, let message, let fleet): snapshotReceived(message, fleet, from: node)
        case .snapshotSent(let node, let index, let isDelivered):
            consensus.snapshotSent(to: node, index: index, isDelivered: isDelivered, effects: &effects)
        case .diskShort(let isShort): diskShort(isShort)
        case .write(let waiter, let submission): submit(submission, for: waiter)
        case .read(let waiter): reads.add(.caller(waiter), at: now)
        case .observedAll(let observations): machines.observeAll(observations, at: now, effects: &effects)
        case .observed(let observation): machines.observe(observation, at: now, effects: &effects)
        case .machineChanged(let uid): machines.lookAgain(uid, effects: &effects)
        case .machineDone(let uid, let failure, let observation):
            machines.done(uid, failure, observation, at: now, effects: &effects)
        case .image(let order, let holding): machines.answered(order, holding, at: now, effects: &effects)
        case .sourceFetched(let order, let answer):
            duties?.sources.answered(order, answer, at: moment.now, generator: &generator)
        case .sourceWanted(let name, let request, let waiter): wantSource(name, request, for: waiter)
        case .request(let request, let uid, let waiter):
            machines.take(request, of: uid, for: waiter, at: now, effects: &effects)
        case .haltMachines: machines.halt(at: now)
        case .facts(let facts): reporter.found(facts)
        case .handOver: consensus.handOver(liveness)
        }
        noteChanges()
    }

    private mutating func tick() {
        consensus.tick()
        writes.expire(at: now, effects: &effects)
        // A leader may have been elected anew without having been seen to go, or have refused before it knew that it
        // leads.
        handOverOpenWrites()
        fail(reads.expire(at: now))
        dutiesTick()
        consensus.handOverIfShort(liveness)
        considerSnapshot()
        tickLoops()
    }

    /// Runs consensus and the loops until nothing moves by itself any more.
    mutating func drain() {
        // Every round needs a Ready of the core, and each of those hands on work that was there: it ends.
        repeat {
            drainLog()
            startReadRound()
            performDuties()
            runLoops()
            report()
            machines.answerRequests(in: fleet, at: now, effects: &effects)
        } while consensus.hasReady && !effects.isStopped
    }

    private mutating func diskShort(_ isShort: Bool) {
        guard consensus.diskShort(isShort, effects: &effects) else { return }
        effects.changedNode()
        consensus.handOverIfShort(liveness)
        considerSnapshot()
    }

    // MARK: Reports

    /// Hands the reporter what the parts have changed. The node's name at that moment is the source of events.
    mutating func noteChanges() {
        if !effects.changes.isEmpty { reporter.take(effects.takeChanges(), name: name) }
    }

    /// Proposes what the cluster is to be told of this node; only with the cluster's state at hand.
    private mutating func report() {
        noteChanges()
        if machines.isCaughtUp, consensus.softState.leader != nil, let member = fleet.member(key: identity.key),
            let update = reporter.addressUpdate(of: member, at: now, generator: &generator)
        {
            submit(update, for: nil)
            drainLog()
            noteChanges()
        }
        if let request = reporter.giveUpLate(at: now) { writes.forget(request) }
        guard machines.hasLooked, consensus.softState.leader != nil, let member = fleet.member(key: identity.key),
            let report = reporter.report(
                of: machines, in: fleet, as: member, isShortOfDisk: consensus.isShortOfDisk, at: moment,
                generator: &generator)
        else { return }
        submit(report, for: nil)
        drainLog()
    }
}
