import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile

/// One machine that is bound to this node: what is wanted of it, what was seen of it, and what is done to it.
///
/// One work of the driver is under way for a machine at a time.
struct LocalMachine: Sendable {
    /// What plans are made from; never of another uid.
    private(set) var situation: MachineSituation
    /// What the driver was asked for and has not answered; nil if nothing is under way.
    private(set) var work: Work?
    /// The last step that was explained by an event, so that each is explained once.
    private var explained: MachineStep?
    /// The last failure of each image that an event of the machine told, by the image's name, so that each is told
    /// once.
    private var toldFailures: [String: String] = [:]
    /// When the driver was last asked for a look, or one came; nil before the first.
    private(set) var lookedAt: Instant?
    /// Whether a request that an earlier run of the agent has taken was looked for; never false again.
    private(set) var hasRecalled = false
    /// Machine and disks are gone, and the cluster is to be told; never false again.
    private(set) var isRemoved = false

    struct Work: Sendable {
        /// The step of the plan that is carried out.
        var step: MachineStep
        /// When the driver was asked.
        var startedAt: Instant
        /// Of the spec that the step follows.
        var generation: UInt64
    }

    /// How a look came about, which says what an end that it shows means.
    enum Occasion {
        /// By itself.
        case look
        /// After work of this node that was no start, or failed: an end was wanted.
        case work
        /// After a start that succeeded: a guest was there, even if it ended at once.
        case start
    }

    init(_ situation: MachineSituation) {
        self.situation = situation
    }

    var desired: DesiredMachine { situation.desired }
    var observation: MachineObservation? { situation.observation }
    var history: MachineHistory { situation.history }
    private var uid: UID { situation.desired.uid }

    // MARK: What is wanted

    /// Takes a new desired state; answers whether it differs.
    mutating func desire(_ desired: DesiredMachine) -> Bool { situation.desire(desired) }

    mutating func imageChanged() { situation.imageChanged() }

    /// A try that failed delays the next no more.
    mutating func tryAgain() { situation.tryAgain() }

    // MARK: Work

    mutating func begin(_ step: MachineStep, _ work: MachineWork, at now: Instant, effects: inout Effects) {
        self.work = Work(step: step, startedAt: now, generation: desired.generation)
        if step.action == .start { situation.history.processIsGone() }
        effects.append(.perform(uid, work))
        if step.action != .look {
            effects.notice(.machine(name: desired.key.name, verb: step.action.verb, reason: step.reason))
        }
    }

    /// The cluster is to be told that machine and disks are gone.
    mutating func remove() { isRemoved = true }

    /// Says once why the machine is left alone.
    mutating func explain(_ step: MachineStep, effects: inout Effects) {
        guard explained != step, observation != nil else { return }
        explained = step
        if step.action == .leave { effects.tell(.left(step, desired)) }
    }

    /// Says once that an image for which the machine waits can't be had, however often that is tried again.
    ///
    /// - Parameter plan: What is left to do for the machine.
    mutating func tellFailure(of image: String, _ message: String, plan: [MachineStep], effects: inout Effects) {
        guard toldFailures[image] != message else { return }
        let waits = plan.contains { step in
            if case .fetchImages(let names) = step.action { names.contains(image) } else { false }
        }
        guard waits else { return }
        toldFailures[image] = message
        effects.tell(.imageFailed(image, message, desired))
    }

    /// The driver has answered; the look that it took afterwards is to be handed to
    /// ``observe(_:after:at:effects:)`` with the occasion that is answered here.
    mutating func done(
        _ failure: MachineFailure?, _ observation: MachineObservation, at now: Instant, effects: inout Effects
    ) -> Occasion {
        guard let work else { return .work }
        self.work = nil
        let step = work.step
        guard let failure else {
            situation.tryAgain()
            switch step.action {
            case .stop: situation.history.processIsGone()
            case .start, .resume: situation.history.startIsServed()
            default: break
            }
            if let event = MachineEvent.done(step, desired, observation) { effects.tell(event) }
            return step.action == .start ? .start : .work
        }
        if step.action == .start {
            // The spec may have changed meanwhile, and the new one has not failed.
            situation.history.startFailed(failure, generation: work.generation, at: now)
        } else {
            situation.workFailed(at: now)
        }
        effects.notice(.machineFailed(name: desired.key.name, verb: step.action.verb, failure))
        effects.tell(.failed(step, failure, desired))
        return .work
    }

    // MARK: Looks

    /// Asks for a look if the last is long ago and no work is under way, whose answer brings one anyway.
    mutating func lookAgainIfDue(at now: Instant, effects: inout Effects) {
        guard work == nil else { return }
        if let lookedAt, now - lookedAt < ReplicaTiming.resyncMilliseconds { return }
        lookedAt = now
        effects.append(.perform(uid, .look))
    }

    /// Takes a look; answers whether it showed something that calls for a pass.
    mutating func observe(
        _ observation: MachineObservation, after occasion: Occasion, at now: Instant, effects: inout Effects
    ) -> Bool {
        if work?.step.action == .look { work = nil }
        if let before = situation.observation, observation.observedAt < before.observedAt {
            // Looks may arrive out of order, and an old one must not undo what a later one, or work of ours, has shown.
            return false
        }
        if work == nil, observation.state.isRunning, history.requested != nil {
            situation.history.startIsServed()
            effects.changed(machine: uid)
        }
        let isStarted = occasion == .start
        if work == nil, !isStarted, let before = situation.observation, before.isSame(as: observation) {
            // Nothing to plan or to report anew; steps that wait for a moment are in the queue.
            situation.observation = observation
            lookedAt = now
            return false
        }
        let hadGuest = isStarted || (situation.observation?.state ?? observation.state).hasGuest
        situation.observation = observation
        lookedAt = now
        situation.history.filled(observation.disks ?? [])
        if isStarted || observation.state == .running { situation.history.observedRunning(at: now) }
        if hadGuest, !observation.state.hasGuest {
            if occasion == .work || work != nil {
                situation.history.expectedEnd()
            } else {
                situation.history.observedEnd(at: now)
                if let event = MachineEvent.ended(observation, desired) { effects.tell(event) }
            }
        }
        if !observation.state.mayHaveProcess { situation.history.processIsGone() }
        return true
    }

    // MARK: Requests

    /// Takes what a user asks, or asked of an earlier run of the agent.
    ///
    /// - Parameter startedBefore: When the process was started in whose place another is asked for.
    mutating func take(_ request: MachineRequest, startedBefore: WallTime?) {
        hasRecalled = true
        situation.history.take(request, lastStartedAt: startedBefore)
        if request == .restart, let observation, !observation.state.mayHaveProcess, let disks = observation.disks {
            situation.history.acceptLoss(keeping: disks)
        }
        situation.tryAgain()
    }

    /// Looks once, after the first look at the machine, for a request that an earlier run of the agent has recorded and
    /// not served.
    ///
    /// - Parameter recorded: What the cluster holds of one, asked for only if it is to be looked for.
    /// - Returns: The request that is to be taken, with the start that it was asked after.
    mutating func recall(
        recorded: (DesiredMachine) -> VirtualMachineStatus.Request?
    ) -> (request: MachineRequest, startedBefore: WallTime?)? {
        guard let observation, !hasRecalled else { return nil }
        hasRecalled = true
        switch desired.intent {
        case .halt, .remove, .notUnderstood: return nil
        case .run, .leave: break
        }
        guard let recorded = recorded(desired), let request = MachineRequest(rawValue: recorded.verb),
            // Another process since then is what was asked for.
            observation.lastStartedAt == recorded.lastStartedAt,
            request == .restart || !observation.state.isRunning
        else { return nil }
        return (request, recorded.lastStartedAt)
    }

    /// The machine as it is once such a request is taken.
    func recalled(recorded: (DesiredMachine) -> VirtualMachineStatus.Request?) -> LocalMachine {
        var machine = self
        if let found = machine.recall(recorded: recorded) {
            machine.take(found.request, startedBefore: found.startedBefore)
        }
        return machine
    }
}

extension MachineState {
    /// Whether a guest runs, or is about to.
    fileprivate var isRunning: Bool { self == .running || self == .starting }

    fileprivate var hasGuest: Bool {
        switch self {
        case .running, .starting, .paused, .suspended, .ioError, .unresponsive: true
        default: false
        }
    }
}

extension MachineObservation {
    /// Whether two looks, taken at different moments, showed the same.
    fileprivate func isSame(as other: MachineObservation) -> Bool {
        var other = other
        other.observedAt = observedAt
        return self == other
    }
}
