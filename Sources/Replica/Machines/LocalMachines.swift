import Fleet
import Hypervisor
import Primitives
import Reconcile

/// The machines of this host: those that are bound to this node, with the passes that are wanted for them, and
/// strangers.
struct LocalMachines: Sendable {
    /// Machines that are bound to this node, by the uid of their object.
    private(set) var bound: [UID: LocalMachine] = [:]
    /// Machines that were found on this host and are not bound to this node: reported, never touched. None is in
    /// ``bound`` as well.
    private(set) var strangers: [UID: MachineObservation] = [:]
    /// Passes that are wanted; each of a machine in ``bound``.
    private var queue = WorkQueue<UID>()

    subscript(uid: UID) -> LocalMachine? { bound[uid] }

    /// Ascending.
    var uids: [UID] { bound.keys.sorted() }

    /// The machines that need an image, ascending by uid.
    func users(of image: String) -> [UID] {
        bound.filter { $0.value.desired.imageNames.contains(image) }.keys.sorted()
    }

    // MARK: Passes

    /// The machines whose pass is due, ascending; each is to be given to ``finish(_:)``.
    mutating func takeDue(at now: Instant) -> [UID] { queue.take(now: now) }

    mutating func finish(_ uid: UID) { queue.finish(uid) }

    /// Wants a pass.
    mutating func plan(_ uid: UID, at instant: Instant) { queue.add(uid, at: instant) }

    mutating func plan(_ uids: some Sequence<UID>, at instant: Instant) {
        for uid in uids { plan(uid, at: instant) }
    }

    /// Wants a pass, and the status looked at.
    mutating func planAnew(_ uid: UID, at now: Instant, effects: inout Effects) {
        plan(uid, at: now)
        effects.changed(machine: uid)
    }

    /// Calls a verb of one machine; nil if it is not bound to this node.
    @discardableResult
    mutating func change<Answer>(_ uid: UID, _ verb: (inout LocalMachine) -> Answer) -> Answer? {
        // In its place: a copy would copy what it holds.
        func call(_ place: inout LocalMachine?) -> Answer? {
            guard var machine = place.take() else { return nil }
            defer { place = machine }
            return verb(&machine)
        }
        return call(&bound[uid])
    }

    // MARK: What is wanted

    /// Takes the desired state of a machine that is bound to this node; answers whether it is new or has changed.
    ///
    /// - Parameter hasLooked: Whether everything that this host has was found.
    mutating func desire(
        _ desired: DesiredMachine, of object: FleetObject, hasLooked: Bool, at now: Instant, effects: inout Effects
    ) -> Bool {
        if let isChanged = change(desired.uid, { $0.desire(desired) }) {
            // What is shown of it may have changed too: a report that was given up for lost may come true late.
            effects.changed(machine: desired.uid)
            return isChanged
        }
        var observation = strangers.removeValue(forKey: desired.uid)
        // The first look found everything that this host has; this machine was not among it.
        if observation == nil, hasLooked { observation = .absent(desired.uid, at: now) }
        bound[desired.uid] = LocalMachine(MachineSituation(desired, of: object, observation: observation))
        return true
    }

    /// A machine is not bound to this node any more; what is there of it is kept.
    mutating func forget(_ uid: UID) {
        guard let machine = bound.removeValue(forKey: uid) else { return }
        queue.remove(uid)
        if let observation = machine.observation, observation.state != .absent, !machine.isRemoved {
            strangers[uid] = observation
        }
    }

    // MARK: Looks and work

    mutating func observe(
        _ observation: MachineObservation, after occasion: LocalMachine.Occasion, at now: Instant,
        effects: inout Effects
    ) {
        let uid = observation.uid
        let calls = change(uid) { $0.observe(observation, after: occasion, at: now, effects: &effects) }
        switch calls {
        case .none: noteStranger(observation, effects: &effects)
        case .some(true): planAnew(uid, at: now, effects: &effects)
        case .some(false): break
        }
    }

    /// The driver has done, or failed at, what it was asked for.
    mutating func done(
        _ uid: UID, _ failure: MachineFailure?, _ observation: MachineObservation, at now: Instant,
        effects: inout Effects
    ) {
        let occasion = change(uid) { $0.done(failure, observation, at: now, effects: &effects) }
        guard let occasion else {
            noteStranger(observation, effects: &effects)
            return
        }
        observe(observation, after: occasion, at: now, effects: &effects)
        // Also when the look shows what it showed before: the step is over, and the next one is due. What is to be
        // tried again waits by its plan, and something else may be wanted since.
        planAnew(uid, at: now, effects: &effects)
    }

    private mutating func noteStranger(_ observation: MachineObservation, effects: inout Effects) {
        guard observation.state != .absent else {
            strangers[observation.uid] = nil
            return
        }
        if strangers.updateValue(observation, forKey: observation.uid)?.state != observation.state {
            effects.notice(.unknownMachine(observation.uid, observation.state))
        }
    }

    /// A machine may have changed.
    func lookAgain(_ uid: UID, effects: inout Effects) {
        guard bound[uid] != nil || strangers[uid] != nil else { return }
        // While the driver works on it, its answer brings a look anyway.
        if bound[uid]?.work == nil { effects.append(.perform(uid, .look)) }
    }

    /// Asks for the looks that are due.
    mutating func lookAgainIfDue(at now: Instant, effects: inout Effects) {
        for uid in uids { bound[uid]?.lookAgainIfDue(at: now, effects: &effects) }
    }
}
