import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile

/// The node-side loop of machines: what is bound to this node, what is on its host, and what is done about it.
///
/// A pass for a machine reads everything, plans, takes the first step, and is made again when that is done.
struct MachineLoop: Sendable {
    /// Machines of this host.
    private(set) var local = LocalMachines()
    /// Images that machines here need.
    private(set) var images = NodeImages()
    /// Requests that are to be answered once they are recorded.
    private var unrecorded = UnrecordedRequests()
    /// The feed has been followed up to here.
    private(set) var revision: UInt64
    /// The name under which the fleet is followed; nil while the state knows no name of this node.
    private(set) var name: String?
    /// All machines of the host were looked at once since the agent started; never false again.
    private(set) var hasLooked = false
    /// A quorum has confirmed an index since the agent started, and it is applied: starts are allowed from now on.
    /// Never false again.
    private(set) var isCaughtUp = false
    /// Whether that is asked for; false again if it could not be answered.
    private var hasAskedToCatchUp = false
    /// The node ends and brings its machines down; never false again.
    private(set) var isHalting = false
    /// It was said that none of them has a process any more.
    private var haltReported = false

    init(revision: UInt64) {
        self.revision = revision
    }

    /// Machines that are bound to this node, by the uid of their object.
    var machines: [UID: LocalMachine] { local.bound }

    /// Machines that were found on this host and are not bound to this node.
    var strangers: [UID: MachineObservation] { local.strangers }

    // MARK: Passes

    /// Makes the passes that are due.
    mutating func run(in fleet: Fleet, at now: Instant, effects: inout Effects) {
        guard hasLooked else { return }
        for uid in local.takeDue(at: now) {
            pass(uid, in: fleet, at: now, effects: &effects)
            local.finish(uid)
        }
        announceHalt(effects: &effects)
    }

    /// One level-triggered pass.
    private mutating func pass(_ uid: UID, in fleet: Fleet, at now: Instant, effects: inout Effects) {
        if isCaughtUp { recallRequest(of: uid, in: fleet, at: now, effects: &effects) }
        guard let machine = local[uid], machine.work == nil, !machine.isRemoved else { return }
        let shelf = images.shelf
        let steps = machine.situation.steps(images: shelf, isEnding: isHalting, now: now)
        effects.changed(machine: uid)
        guard let step = steps.first else { return }
        local.change(uid) { $0.explain(step, effects: &effects) }
        guard mayAct(step.action) else { return }
        switch step.action {
        case .look: begin(step, .look, for: uid, at: now, effects: &effects)
        case .fetchImages(let names): images.fetch(names, at: now, effects: &effects)
        case .start:
            guard let spec = MachineSpec(machine.desired, images: shelf, observed: machine.observation) else { return }
            // What is done without now may be had by the next start.
            let names = machine.desired.imageNames.filter { spec.bootImages[$0] != nil }
            images.fetch(names, at: now, effects: &effects)
            begin(step, .start(spec), for: uid, at: now, effects: &effects)
        case .resume: begin(step, .resume, for: uid, at: now, effects: &effects)
        case .stop(let grace): begin(step, .stop(graceMilliseconds: grace), for: uid, at: now, effects: &effects)
        case .delete: begin(step, .delete, for: uid, at: now, effects: &effects)
        case .reportRemoved:
            local.change(uid) { $0.remove() }
            effects.changed(machine: uid)
        case .wait(let milliseconds): local.plan(uid, at: now + milliseconds)
        case .leave: break
        }
    }

    private mutating func begin(
        _ step: MachineStep, _ work: MachineWork, for uid: UID, at now: Instant, effects: inout Effects
    ) {
        local.change(uid) { $0.begin(step, work, at: now, effects: &effects) }
    }

    /// Looking and waiting are always allowed; everything else only once the state that is acted on is known to be no
    /// older than this agent's start, and while the node ends, only what brings machines down.
    private func mayAct(_ action: MachineAction) -> Bool {
        switch action {
        case .look, .wait: true
        case .stop where isHalting: true
        default: isCaughtUp && !isHalting
        }
    }

    /// Asks for looks that are due, and has what waits for an image planned again when its fetch may be.
    mutating func tick(at now: Instant, effects: inout Effects) {
        local.lookAgainIfDue(at: now, effects: &effects)
        for name in images.retriesDue(at: now) { local.plan(local.users(of: name), at: now) }
    }

    // MARK: Looks and work

    /// The first look at all machines of the host.
    mutating func observeAll(_ observations: [MachineObservation], at now: Instant, effects: inout Effects) {
        hasLooked = true
        var seen: Set<UID> = []
        for observation in observations {
            seen.insert(observation.uid)
            observe(observation, at: now, effects: &effects)
        }
        for uid in local.uids where !seen.contains(uid) {
            observe(.absent(uid, at: now), at: now, effects: &effects)
        }
    }

    mutating func observe(_ observation: MachineObservation, at now: Instant, effects: inout Effects) {
        local.observe(observation, after: .look, at: now, effects: &effects)
    }

    /// The driver has done, or failed at, what it was asked for.
    mutating func done(
        _ uid: UID, _ failure: MachineFailure?, _ observation: MachineObservation, at now: Instant,
        effects: inout Effects
    ) {
        local.done(uid, failure, observation, at: now, effects: &effects)
    }

    /// A machine may have changed.
    func lookAgain(_ uid: UID, effects: inout Effects) { local.lookAgain(uid, effects: &effects) }

    // MARK: The end of the node

    mutating func halt(at now: Instant) {
        isHalting = true
        for uid in local.uids {
            local.change(uid) { $0.tryAgain() }
            local.plan(uid, at: now)
        }
    }

    private mutating func announceHalt(effects: inout Effects) {
        guard isHalting, !haltReported, machines.values.allSatisfy(\.isDown) else { return }
        haltReported = true
        effects.append(.machinesHalted)
    }

    // MARK: Catching up

    /// Whether the loop wants to know now that it has caught up; then it is to be asked for, and answered by
    /// ``caughtUp(at:)`` or ``catchUpFailed()``.
    mutating func asksToCatchUp() -> Bool {
        guard !isCaughtUp, !hasAskedToCatchUp else { return false }
        hasAskedToCatchUp = true
        return true
    }

    /// A quorum has confirmed an index since the agent started, and it is applied.
    mutating func caughtUp(at now: Instant) {
        isCaughtUp = true
        local.plan(local.uids, at: now)
    }

    /// It is asked again.
    mutating func catchUpFailed() { hasAskedToCatchUp = false }
}

// MARK: - Requests

extension MachineLoop {
    /// Judges a request for a machine, and takes it if it is accepted; that is answered when it is recorded.
    mutating func take(
        _ request: MachineRequest, of uid: UID, for waiter: Waiter, at now: Instant, effects: inout Effects
    ) {
        guard let machine = local[uid] else {
            effects.append(.requested(waiter, nil))
            return
        }
        let verdict = machine.verdict(on: request, isHalting: isHalting)
        guard verdict.isAccepted else {
            effects.append(.requested(waiter, verdict))
            return
        }
        begin(request, of: uid, startedBefore: machine.observation?.lastStartedAt, at: now, effects: &effects)
        unrecorded.add(verdict, of: uid, for: waiter, at: now)
    }

    private mutating func begin(
        _ request: MachineRequest, of uid: UID, startedBefore: WallTime?, at now: Instant, effects: inout Effects
    ) {
        local.change(uid) { $0.take(request, startedBefore: startedBefore) }
        local.planAnew(uid, at: now, effects: &effects)
    }

    /// Answers the requests that are recorded, or served already: an end of the agent does not lose them any more.
    mutating func answerRequests(in fleet: Fleet, at now: Instant, effects: inout Effects) {
        guard !unrecorded.isEmpty else { return }
        unrecorded.answer(at: now, effects: &effects) { [local] uid in
            guard let machine = local[uid] else { return .gone }
            guard let request = machine.history.request,
                Self.recordedRequest(of: machine.desired, in: fleet) != request
            else { return .safe }
            return .unrecorded
        }
    }

    /// Takes up a request that an earlier run of the agent has recorded and not served. Called when the machine was
    /// looked at and the cluster's state is known to be no older than this agent's start.
    private mutating func recallRequest(
        of uid: UID, in fleet: Fleet, at now: Instant, effects: inout Effects
    ) {
        let found = local.change(uid) { $0.recall { Self.recordedRequest(of: $0, in: fleet) } }
        guard let found = found ?? nil else { return }
        begin(found.request, of: uid, startedBefore: found.startedBefore, at: now, effects: &effects)
    }

    /// What the cluster holds of a request for the machine under its binding to this node.
    static func recordedRequest(of machine: DesiredMachine, in fleet: Fleet) -> VirtualMachineStatus.Request? {
        guard let object = fleet[machine.key], object.uid == machine.uid,
            // A status that can't be read holds none.
            let status = try? VirtualMachineStatus(canonical: object.status), status.epoch == machine.epoch
        else { return nil }
        return status.request
    }
}

// MARK: - Desired state

extension MachineLoop {
    /// Takes the whole fleet anew: at the start, after a snapshot, or when the feed no longer reaches back.
    ///
    /// - Parameter name: This node's; nil if it is no member, and then what runs is kept and shown, but nothing is
    ///   started or restarted any more.
    mutating func adopt(_ fleet: Fleet, as name: String?, at now: Instant, effects: inout Effects) {
        revision = fleet.revision
        self.name = name
        let bound = name.map { fleet.bound(to: $0) } ?? []
        let wanted = Set(bound.map(\.uid))
        for uid in local.uids where !wanted.contains(uid) { local.forget(uid) }
        guard name != nil else { return }
        for object in bound { desire(object, in: fleet, at: now, effects: &effects) }
        for object in fleet.objects(kind: "Image", namespace: nil) {
            imageChanged(object, in: fleet, at: now, effects: &effects)
        }
        // Those whose objects are gone without the feed having told so.
        for image in images.gone(from: fleet) { imageDeleted(image, at: now, effects: &effects) }
        effects.changedNode()
    }

    /// Takes what has changed since the fleet was last looked at, as far as it concerns this node.
    mutating func follow(_ fleet: Fleet, as name: String?, at now: Instant, effects: inout Effects) {
        // Until this node has a name in the state, nothing of it can concern this node; then all of it may.
        guard name == self.name, case .changes(let changes) = fleet.changes(after: revision) else {
            adopt(fleet, as: name, at: now, effects: &effects)
            return
        }
        revision = fleet.revision
        guard let name else { return }
        for change in changes {
            let object = change.object
            switch object.key.kind {
            case "VirtualMachine":
                if change.kind != .deleted, object.binding?.node == name {
                    desire(object, in: fleet, at: now, effects: &effects)
                } else {
                    local.forget(object.uid)
                }
            case "Image":
                if change.kind == .deleted {
                    imageDeleted(object.key.name, at: now, effects: &effects)
                } else {
                    imageChanged(object, in: fleet, at: now, effects: &effects)
                }
            case "Node" where object.key.name == name: effects.changedNode()
            default: break
            }
        }
    }

    private mutating func desire(_ object: FleetObject, in fleet: Fleet, at now: Instant, effects: inout Effects) {
        guard let desired = DesiredMachine(object) else { return }
        let isNew = local.desire(desired, of: object, hasLooked: hasLooked, at: now, effects: &effects)
        guard isNew else { return }
        for name in desired.imageNames { images.want(name, in: fleet) }
        local.planAnew(object.uid, at: now, effects: &effects)
    }

}

// MARK: - Images

extension MachineLoop {
    private mutating func imageChanged(
        _ object: FleetObject, in fleet: Fleet, at now: Instant, effects: inout Effects
    ) {
        guard images.changed(object, effects: &effects) else { return }
        let users = local.users(of: object.key.name)
        guard !users.isEmpty else { return }
        images.want(object.key.name, in: fleet)
        for uid in users { local.change(uid) { $0.imageChanged() } }
        local.plan(users, at: now)
    }

    private mutating func imageDeleted(_ name: String, at now: Instant, effects: inout Effects) {
        guard images.deleted(name, effects: &effects) else { return }
        local.plan(local.users(of: name), at: now)
    }

    /// The image store has answered an order.
    mutating func answered(
        _ order: ImageOrder, _ holding: ImageShelf.Holding, at now: Instant, effects: inout Effects
    ) {
        guard images.answered(order, holding, at: now, effects: &effects) else { return }
        let users = local.users(of: order.name)
        for uid in users { local.planAnew(uid, at: now, effects: &effects) }
        // Those who look at a machine that waits for the image are told why it does.
        guard let message = images.failure(of: order.name) else { return }
        let shelf = images.shelf
        for uid in users {
            local.change(uid) { [isHalting] machine in
                let plan = machine.plan(images: shelf, isHalting: isHalting, at: now)
                machine.tellFailure(of: order.name, message, plan: plan, effects: &effects)
            }
        }
    }
}
