public import Hypervisor
import Manifest
public import Primitives

/// The steps that bring one machine to what is wanted, in their order; empty when it is there.
///
/// Both `blixard diff` and the node's own loop call this: the loop takes the first step, looks again, and plans anew.
///
/// - Parameters:
///   - observed: The last look; nil if there has been none since the agent started.
///   - now: By the same clock as the history's instants.
public func planMachine(
    _ desired: DesiredMachine, observed: MachineObservation?, history: MachineHistory, images: ImageShelf,
    now: Instant
) -> [MachineStep] {
    guard let observed else { return [MachineStep(.look, "the machine has not been looked at yet")] }
    if case .foreign(let pid) = observed.state {
        return [
            MachineStep(
                .leave, "process \(pid) holds the machine's directory and is not provably this machine; end it by hand")
        ]
    }
    switch desired.intent {
    case .remove: return planRemoval(desired, observed)
    case .notUnderstood(let problem): return [MachineStep(.leave, problem.description)]
    case .halt(let why):
        return observed.state.mayHaveProcess
            ? [MachineStep(.stop(graceMilliseconds: desired.graceMilliseconds), why.reason)] : []
    case .leave, .run:
        if let requested = history.requested,
            let steps = planRequested(requested, desired, observed, history: history, images: images, now: now)
        {
            return steps
        }
        guard case .run(let strategy) = desired.intent else {
            // Its guest has ended by itself: a process that runs nothing only holds memory.
            return observed.state == .poweredOff ? [collect] : []
        }
        return planRunning(desired, strategy, observed, history: history, images: images, now: now)
    }
}

private func planRemoval(_ desired: DesiredMachine, _ observed: MachineObservation) -> [MachineStep] {
    let report = MachineStep(.reportRemoved, "machine and disks are gone")
    if observed.state == .absent { return [report] }
    let delete = MachineStep(.delete, "the virtual machine is being deleted")
    guard observed.state.mayHaveProcess else { return [delete, report] }
    let stop = MachineStep(
        .stop(graceMilliseconds: desired.graceMilliseconds), "the virtual machine is being deleted")
    return [stop, delete, report]
}

/// What a requested start needs, whatever the run strategy is; nil where it needs nothing, or can't be served.
private func planRequested(
    _ requested: MachineHistory.Requested, _ desired: DesiredMachine, _ observed: MachineObservation,
    history: MachineHistory, images: ImageShelf, now: Instant
) -> [MachineStep]? {
    let reason = requested.reason
    let start = planStart(desired, observed, reason, history: history, images: images, now: now)
    guard observed.state.mayHaveProcess else { return start }
    if requested == .replacement {
        // The process may be the last that holds what was on them.
        if let lost = planLoss(desired, observed, history) { return [lost] }
        return [MachineStep(.stop(graceMilliseconds: desired.graceMilliseconds), reason)] + start
    }
    switch observed.state {
    case .poweredOff: return start
    case .paused, .suspended, .ioError: return [MachineStep(.resume, reason)]
    // It runs, or keeps what only a restart may take away.
    case .running, .starting, .panicked, .unresponsive, .foreign, .absent, .stopped: return nil
    }
}

private func planRunning(
    _ desired: DesiredMachine, _ strategy: VirtualMachineSpec.RunStrategy, _ observed: MachineObservation,
    history: MachineHistory,
    images: ImageShelf, now: Instant
) -> [MachineStep] {
    switch observed.state {
    case .running, .starting: return []
    case .paused: return [MachineStep(.resume, "it was paused from outside")]
    case .suspended: return [MachineStep(.resume, "its process was stopped by a signal")]
    case .panicked:
        return [MachineStep(.leave, "the guest panicked; it is kept as it is until it is restarted or stopped")]
    case .ioError(let message):
        return [MachineStep(.leave, "the guest waits for its disk: \(message)")]
    case .unresponsive:
        return [
            MachineStep(
                .leave, "its process runs and does not answer; it is left alone until you stop, restart or delete it")
        ]
    case .foreign: return []
    case .poweredOff:
        guard strategy == .always else {
            return [collect]
        }
        return planStart(desired, observed, "the guest switched itself off", history: history, images: images, now: now)
    case .absent:
        return planStart(desired, observed, "the machine is not there yet", history: history, images: images, now: now)
    case .stopped(let why):
        guard startsAgain(strategy, after: why) else { return [] }
        return planStart(desired, observed, describe(why), history: history, images: images, now: now)
    }
}

/// Ends the process of a guest that switched itself off.
private var collect: MachineStep { MachineStep(.stop(graceMilliseconds: 0), "the guest switched itself off") }

private func startsAgain(_ strategy: VirtualMachineSpec.RunStrategy, after reason: StopReason) -> Bool {
    switch strategy {
    case .always: true
    case .rerunOnFailure: reason != .guestPoweredOff
    case .once: reason == .neverStarted
    case .manual, .halted: false
    }
}

private func planStart(
    _ desired: DesiredMachine, _ observed: MachineObservation, _ reason: String, history: MachineHistory,
    images: ImageShelf, now: Instant
) -> [MachineStep] {
    if let lost = planLoss(desired, observed, history) { return [lost] }
    if history.failedGeneration == desired.generation, let failure = history.lastFailure {
        return [MachineStep(.leave, "\(failure.message) (waits for a change)")]
    }
    var steps: [MachineStep] = []
    if let notBefore = history.notBefore, notBefore > now {
        let why = history.lastFailure.map(\.message) ?? "it ended \(history.failures) times in a row"
        steps.append(MachineStep(.wait(milliseconds: notBefore - now), why))
    }
    let missing = desired.missingImages(images, observed)
    if let unknown = missing.first(where: { images[$0] == .unknown }) {
        return [MachineStep(.leave, "there is no Image \"\(unknown)\"")]
    }
    if !missing.isEmpty {
        steps.append(MachineStep(.fetchImages(missing), describe(missing, images)))
    }
    return steps + [MachineStep(.start, reason)]
}

/// A disk that is gone is not replaced by an empty one unless a user says so.
private func planLoss(
    _ desired: DesiredMachine, _ observed: MachineObservation, _ history: MachineHistory
) -> MachineStep? {
    let lost = desired.lostDisks(history, observed)
    guard !lost.isEmpty else { return nil }
    return MachineStep(.leave, describeLoss(lost))
}

func describeLoss(_ disks: [String]) -> String {
    "the files of disk \(disks.joined(separator: ", ")) are gone from this node; put them back, or take empty disks by "
        + "`vm restart` while it is stopped, or delete the virtual machine"
}

private func describe(_ names: [String], _ images: ImageShelf) -> String {
    for name in names {
        if case .failed(let message) = images[name] { return "Image \"\(name)\": \(message)" }
    }
    return "not on this node yet: " + names.joined(separator: ", ")
}

func describe(_ reason: StopReason) -> String {
    switch reason {
    case .neverStarted: "the machine has not been started yet"
    case .guestPoweredOff: "the guest switched itself off"
    case .stoppedByRequest: "it was stopped and is wanted again"
    case .crashed(let message): message.isEmpty ? "its process ended" : message
    case .hostRestarted: "the host was restarted"
    case .unknown: "its process is gone"
    }
}
