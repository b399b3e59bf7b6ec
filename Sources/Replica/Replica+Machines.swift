import Fleet
import Hypervisor
import Manifest
import Primitives
import Raft
import Reconcile

// The node-side loop: one pass for a machine reads everything, plans, and takes the first step.
extension Replica {
    mutating func runMachines() {
        askToCatchUp()
        guard machines.hasLooked else { return }
        for uid in machines.queue.take(now: now) {
            pass(uid)
            machines.queue.finish(uid)
        }
        announceHalt()
    }

    /// One level-triggered pass.
    private mutating func pass(_ uid: UID) {
        if machines.isCaughtUp { recallRequest(of: uid) }
        guard let machine = machines.machines[uid], machine.work == nil, !machine.isRemoved else { return }
        let steps = machine.situation.steps(images: shelf, isEnding: machines.isHalting, now: now)
        reporter.dirty.insert(uid)
        guard let step = steps.first else { return }
        explain(step, of: uid)
        guard mayAct(step.action) else { return }
        switch step.action {
        case .look: begin(step, .look, for: uid)
        case .fetchImages(let names): fetch(names, for: uid)
        case .start:
            guard let spec = MachineSpec(machine.desired, images: shelf, observed: machine.observation) else { return }
            // What is done without now may be had by the next start.
            fetch(machine.desired.imageNames.filter { spec.bootImages[$0] != nil }, for: uid)
            begin(step, .start(spec), for: uid)
        case .resume: begin(step, .resume, for: uid)
        case .stop(let grace): begin(step, .stop(graceMilliseconds: grace), for: uid)
        case .delete: begin(step, .delete, for: uid)
        case .reportRemoved:
            machines.machines[uid]?.isRemoved = true
            reporter.dirty.insert(uid)
        case .wait(let milliseconds): machines.queue.add(uid, at: now + milliseconds)
        case .leave: break
        }
    }

    /// Looking and waiting are always allowed; everything else only once the state that is acted on is known to be no
    /// older than this agent's start, and while the node ends, only what brings machines down.
    private func mayAct(_ action: MachineAction) -> Bool {
        switch action {
        case .look, .wait: true
        case .stop where machines.isHalting: true
        default: machines.isCaughtUp && !machines.isHalting
        }
    }

    /// What is left to do for a machine, as its status tells it: also while a try that failed delays the next.
    func plan(_ machine: MachineLoop.Machine) -> [MachineStep] {
        var desired = machine.desired
        if machines.isHalting { desired.intent = .halt(.nodeEnds) }
        return planMachine(
            desired, observed: machine.observation, history: machine.history, images: shelf, now: now)
    }

    private mutating func begin(_ step: MachineStep, _ work: MachineWork, for uid: UID) {
        guard let generation = machines.machines[uid]?.desired.generation else { return }
        machines.machines[uid]?.work = (step, now, generation)
        if step.action == .start { machines.machines[uid]?.history.processIsGone() }
        effects.append(.perform(uid, work))
        if let name = machines.machines[uid]?.desired.key.name, step.action != .look {
            effects.append(.notice(.machine(name: name, verb: step.action.verb, reason: step.reason)))
        }
    }

    mutating func workDone(_ uid: UID, _ failure: MachineFailure?, _ observation: MachineObservation) {
        guard var machine = machines.machines[uid] else {
            noteStranger(observation)
            return
        }
        let work = machine.work
        let step = work?.step
        machine.work = nil
        if let work, let step {
            if let failure {
                if step.action == .start {
                    // The spec may have changed meanwhile, and the new one has not failed.
                    machine.history.startFailed(failure, generation: work.generation, at: now)
                } else {
                    machine.situation.workFailed(at: now)
                }
                effects.append(
                    .notice(.machineFailed(name: machine.desired.key.name, verb: step.action.verb, failure)))
                report(
                    failed: step, failure, of: machine.desired)
            } else {
                machine.situation.tryAgain()
                switch step.action {
                case .stop: machine.history.processIsGone()
                case .start, .resume: machine.history.startIsServed()
                default: break
                }
                report(done: step, of: machine.desired, observation)
            }
        }
        machines.machines[uid] = machine
        let isStarted = failure == nil && step?.action == .start
        observe(observation, isExpected: !isStarted, isStarted: isStarted)
        // Also when the look shows what it showed before: the step is over, and the next one is due. What is to be tried
        // again waits by its plan, and something else may be wanted since.
        machines.queue.add(uid, at: now)
        reporter.dirty.insert(uid)
    }

    mutating func observeAll(_ observations: [MachineObservation]) {
        machines.hasLooked = true
        var seen: Set<UID> = []
        for observation in observations {
            seen.insert(observation.uid)
            observe(observation)
        }
        for uid in machines.machines.keys.sorted() where !seen.contains(uid) {
            observe(.absent(uid, at: now))
        }
    }

    /// - Parameters:
    ///   - isExpected: The look follows work of ours, so an end that it shows was wanted.
    ///   - isStarted: The look follows a start that succeeded, so a guest was there, even if it ended at once.
    mutating func observe(_ observation: MachineObservation, isExpected: Bool = false, isStarted: Bool = false) {
        let uid = observation.uid
        guard var machine = machines.machines[uid] else {
            noteStranger(observation)
            return
        }
        if machine.work?.step.action == .look { machine.work = nil }
        if let before = machine.observation, observation.observedAt < before.observedAt {
            // Looks may arrive out of order, and an old one must not undo what a later one, or work of ours, has shown.
            machines.machines[uid] = machine
            return
        }
        if machine.work == nil, observation.state.isRunning, machine.history.requested != nil {
            machine.history.startIsServed()
            reporter.dirty.insert(uid)
        }
        if machine.work == nil, !isStarted, let before = machine.observation, before.isSame(as: observation) {
            // Nothing to plan or to report anew; steps that wait for a moment are in the queue.
            machine.observation = observation
            machine.lookedAt = now
            machines.machines[uid] = machine
            return
        }
        let hadGuest = isStarted || hasGuest(machine.observation?.state ?? observation.state)
        machine.observation = observation
        machine.lookedAt = now
        machine.history.filled(observation.disks ?? [])
        if isStarted || observation.state == .running { machine.history.observedRunning(at: now) }
        if hadGuest, !hasGuest(observation.state) {
            if isExpected || machine.work != nil {
                machine.history.expectedEnd()
            } else {
                machine.history.observedEnd(at: now)
                report(ended: observation, of: machine.desired)
            }
        }
        if !observation.state.mayHaveProcess { machine.history.processIsGone() }
        machines.machines[uid] = machine
        machines.queue.add(uid, at: now)
        reporter.dirty.insert(uid)
    }

    private func hasGuest(_ state: MachineState) -> Bool {
        switch state {
        case .running, .starting, .paused, .suspended, .ioError, .unresponsive: true
        default: false
        }
    }

    private mutating func noteStranger(_ observation: MachineObservation) {
        guard observation.state != .absent else {
            machines.strangers[observation.uid] = nil
            return
        }
        if machines.strangers.updateValue(observation, forKey: observation.uid)?.state != observation.state {
            effects.append(.notice(.unknownMachine(observation.uid, observation.state)))
        }
    }

    mutating func lookAgain(_ uid: UID) {
        guard machines.machines[uid] != nil || machines.strangers[uid] != nil else { return }
        // While the driver works on it, its answer brings a look anyway.
        if machines.machines[uid]?.work == nil { effects.append(.perform(uid, .look)) }
    }

    mutating func haltMachines() {
        machines.isHalting = true
        for uid in machines.machines.keys {
            machines.machines[uid]?.situation.tryAgain()
            machines.queue.add(uid, at: now)
        }
    }

    private mutating func announceHalt() {
        guard machines.isHalting, !machines.haltReported else { return }
        let isDone = machines.machines.values.allSatisfy { machine in
            guard machine.work == nil, let state = machine.observation?.state else { return false }
            if case .foreign = state { return true }
            return !state.mayHaveProcess
        }
        guard isDone else { return }
        machines.haltReported = true
        effects.append(.machinesHalted)
    }

    mutating func machinesTick() {
        for uid in machines.machines.keys.sorted() {
            guard let machine = machines.machines[uid], machine.work == nil else { continue }
            if let looked = machine.lookedAt, now - looked < ReplicaTiming.resyncMilliseconds { continue }
            machines.machines[uid]?.lookedAt = now
            effects.append(.perform(uid, .look))
        }
        retryImages()
    }

    /// Says once why a machine is left alone, and why something is done to it.
    private mutating func explain(_ step: MachineStep, of uid: UID) {
        guard let machine = machines.machines[uid], machine.explained != step, machine.observation != nil else {
            return
        }
        machines.machines[uid]?.explained = step
        if step.action == .leave { report(left: step, of: machine.desired) }
    }

    // MARK: Catching up

    private mutating func askToCatchUp() {
        guard !machines.isCaughtUp, machines.catchUpAsked == nil, softState.leader != nil else { return }
        machines.catchUpAsked = now
        reads.arrived.append(PendingReads.Read(waiter: MachineLoop.catchUpWaiter, deadline: readDeadline))
        startReadRound()
    }

    mutating func caughtUp(at index: LogIndex) {
        machines.isCaughtUp = true
        effects.append(.notice(.caughtUp(index: index)))
        // From now on the state alone says who is a member.
        effects.append(.membersChanged)
        for uid in machines.machines.keys { machines.queue.add(uid, at: now) }
    }
}

extension MachineState {
    /// Whether a guest runs, or is about to.
    var isRunning: Bool { self == .running || self == .starting }
}

extension MachineObservation {
    /// Whether two looks, taken at different moments, showed the same.
    fileprivate func isSame(as other: MachineObservation) -> Bool {
        var other = other
        other.observedAt = observedAt
        return self == other
    }
}
