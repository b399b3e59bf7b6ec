public import Hypervisor
public import Manifest
public import Primitives

/// The status that a node reports of one of its machines.
///
/// It says only what does not move by itself, so that a machine in which nothing happens is reported once.
///
/// - Parameters:
///   - steps: What ``planMachine(_:observed:history:images:now:)`` found.
///   - previous: The status that the cluster holds, for counters and times of transition.
///   - wall: Civil time for conditions that flip now.
public func composeStatus(
    of desired: DesiredMachine, observed: MachineObservation, history: MachineHistory, steps: [MachineStep],
    images: ImageShelf, previous: VirtualMachineStatus?, node: String, wall: WallTime
) -> VirtualMachineStatus {
    var status = VirtualMachineStatus()
    status.observedGeneration = desired.generation
    status.nodeName = node
    status.epoch = desired.epoch
    status.restarts = restarts(previous, observed)
    status.conditions = previous?.conditions ?? []
    let verdict = judge(desired, observed: observed, history: history, steps: steps, images: images)
    status.phase = verdict.phase
    status.ready = verdict.phase == .running
    status.message = verdict.message
    if observed.state.mayHaveProcess {
        status.pid = observed.pid.map(Int.init)
        status.launchedGeneration = observed.generation
        status.accelerator = observed.accelerator
        status.portForwards = desired.spec.networks.flatMap(\.portForwards)
    }
    // Kept over the death of the process, so that the next one is known to be another; forgotten by a wanted stop.
    status.startedAt = observed.startedAt ?? (verdict.phase == .stopped ? nil : previous?.startedAt)

    status.lastStartedAt = observed.lastStartedAt ?? previous?.lastStartedAt
    status.request = history.request

    func set(_ type: String, _ value: Condition.Status, _ reason: String, _ message: String) {
        status.conditions.set(
            Condition(
                type: type, status: value, reason: reason, message: message, observedGeneration: desired.generation,
                lastTransitionTime: wall))
    }
    /// A condition that only exists once it was true.
    func note(_ type: String, _ holds: Bool, _ reason: String, _ message: String) {
        if holds {
            set(type, .true, reason, message)
        } else if status.conditions[type] != nil {
            set(type, .false, "Mended", "")
        }
    }
    set("Scheduled", .true, "Bound", "bound to \(node)")
    set("Ready", verdict.ready, verdict.reason, verdict.message ?? "")
    note("GuestPanicked", observed.state == .panicked, "GuestPanicked", "the guest reported a panic")
    if case .ioError(let message) = observed.state {
        note("DiskFailed", true, "IOError", message)
    } else {
        note("DiskFailed", false, "", "")
    }
    let lost = desired.lostDisks(history, observed)
    note("DiskMissing", !lost.isEmpty, "DiskMissing", describeLoss(lost))
    let known = history.filledDisks.union(observed.disks ?? [])
    status.disks = desired.spec.disks.map(\.name).filter(known.contains).sorted()
    let waits = restartWaits(desired, observed, images)
    note(
        "RestartRequired", waits, "SpecChanged",
        "the process runs generation \(observed.generation ?? 0); generation \(desired.generation) needs a restart")
    if case .notUnderstood(let problem) = desired.intent {
        note("SpecNotUnderstood", true, "NewerSpec", problem.description)
    } else {
        note("SpecNotUnderstood", false, "", "")
    }
    return status
}

/// Another process than the one reported last, while the machine was not reported stopped in between.
private func restarts(_ previous: VirtualMachineStatus?, _ observed: MachineObservation) -> Int {
    guard let previous else { return 0 }
    guard let before = previous.startedAt, let started = observed.startedAt, before != started else {
        return previous.restarts
    }
    return previous.restarts.addingClamped(1)
}

/// Whether the running process was started from a spec that a restart would change.
public func restartWaits(_ desired: DesiredMachine, _ observed: MachineObservation, _ images: ImageShelf) -> Bool {
    guard observed.state.mayHaveProcess, let running = observed.launchDigest else { return false }
    if waitsForImage(desired, observed, images) { return true }
    guard let wanted = MachineSpec(desired, images: images, observed: observed)?.launchDigest
    else { return false }
    return running != wanted
}

/// Whether the process was booted from other images than those that are asked for and are not here yet.
private func waitsForImage(
    _ desired: DesiredMachine, _ observed: MachineObservation, _ images: ImageShelf
) -> Bool {
    // Nothing is known of what it was booted from.
    guard !observed.bootImages.isEmpty else { return false }
    return desired.bootImageNames.contains { name in
        guard let path = observed.bootImages[name] else { return true }
        return images.isOther(name, than: path)
    }
}

private struct Verdict {
    var phase: MachinePhase
    var ready: Condition.Status
    var reason: String
    var message: String?

    init(_ phase: MachinePhase, _ ready: Condition.Status, _ reason: String, _ message: String? = nil) {
        self.phase = phase
        self.ready = ready
        self.reason = reason
        self.message = message
    }
}

private func judge(
    _ desired: DesiredMachine, observed: MachineObservation, history: MachineHistory, steps: [MachineStep],
    images: ImageShelf
) -> Verdict {
    let why = steps.first?.reason
    if case .remove = desired.intent { return Verdict(.terminating, .false, "Terminating", why) }
    switch observed.state {
    case .foreign: return Verdict(.unknown, .unknown, "ForeignProcess", why)
    case .unresponsive: return Verdict(.unknown, .unknown, "Unresponsive", why)
    case .panicked where !desired.isHalted: return Verdict(.paused, .false, "GuestPanicked", why)
    case .ioError(let message) where !desired.isHalted: return Verdict(.paused, .false, "IOError", message)
    default: break
    }
    if case .stop = steps.first?.action { return Verdict(.stopping, .false, "Stopping", why) }
    switch observed.state {
    case .running: return Verdict(.running, .true, "Running")
    case .starting: return Verdict(.starting, .false, "Starting")
    case .paused, .suspended: return Verdict(.paused, .false, "Paused", why)
    case .poweredOff, .stopped, .absent, .panicked, .ioError, .unresponsive, .foreign: break
    }
    if !desired.lostDisks(history, observed).isEmpty, case .leave = steps.first?.action {
        return Verdict(.stopped, .false, "DiskMissing", why)
    }
    switch steps.first?.action {
    case nil:
        if case .halt(let why) = desired.intent { return Verdict(.stopped, .false, "Stopped", why.reason) }
        if let failure = history.lastFailure {
            return Verdict(.stopped, .false, failure.reason.rawValue, failure.message)
        }
        if case .stopped(.guestPoweredOff) = observed.state {
            return Verdict(.stopped, .false, "PoweredOff", "the guest switched itself off")
        }
        return Verdict(.stopped, .false, "Stopped", observed.message)
    case .fetchImages(let names):
        let failed = names.contains { if case .failed = images[$0] { true } else { false } }
        return failed
            ? Verdict(.errImagePull, .false, "ErrImagePull", why)
            : Verdict(.provisioning, .false, "FetchingImages", why)
    case .leave where history.lastFailure == nil: return Verdict(.errImagePull, .false, "ImageMissing", why)
    case .wait, .leave:
        return Verdict(.crashLoopBackOff, .false, history.lastFailure?.reason.rawValue ?? "CrashLoopBackOff", why)
    default: return Verdict(.starting, .false, "Starting", why)
    }
}
