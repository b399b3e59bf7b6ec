public import Fleet
public import Hypervisor
import Manifest

/// What people ask of one machine beside its desired state.
public enum MachineRequest: String, Equatable, Sendable, CaseIterable {
    /// It shall run once more, though its run strategy would leave it as it is.
    case start
    /// Its process, if there is one, shall end, and the machine shall run under a new one.
    case restart

    init(_ requested: MachineHistory.Requested) {
        self = requested == .start ? .start : .restart
    }
}

/// What becomes of a request.
public enum RequestVerdict: Equatable, Sendable {
    /// The machine is being started.
    case starting
    /// The process that is there is being replaced.
    case restarting
    /// It runs, and nothing is done.
    case runsAlready
    /// The node has taken it, and has not seen it recorded in time: an end of its agent may lose it.
    case notRecorded
    /// Nothing is done, and why: a sentence for people that says what to do.
    case refused(String)

    /// Whether the node has to do something.
    public var isAccepted: Bool { self == .starting || self == .restarting }
}

/// What a node answers to a request for one of its machines.
///
/// - Parameters:
///   - observed: The last look; nil if there has been none since the agent started.
///   - history: What the node knows of the disks that were there.
///   - isEnding: The driver is ending the machine's process right now.
public func judge(
    _ request: MachineRequest, of desired: DesiredMachine, observed: MachineObservation?, history: MachineHistory,
    isEnding: Bool
) -> RequestVerdict {
    let name = desired.key.name
    switch desired.intent {
    case .remove: return .refused("\(name) is being deleted")
    case .halt(.nodeEnds): return .refused("the node of \(name) is ending; ask again when it is back")
    case .halt(.spec(let rest)): return .refused(refusal(of: name, at: rest))
    case .notUnderstood(let problem): return .refused("\(name) is left as it is: \(problem)")
    case .leave, .run: break
    }
    guard let state = observed?.state else { return request == .start ? .starting : .restarting }
    if case .foreign(let pid) = state {
        return .refused(
            "process \(pid) holds the directory of \(name) and is not provably this machine; end it by hand")
    }
    let lost = observed.map { desired.lostDisks(history, $0) } ?? []
    guard state.mayHaveProcess else {
        // Only a restart takes empty disks in the place of those that are gone.
        return request == .restart || lost.isEmpty ? .starting : .refused("\(name): \(describeLoss(lost))")
    }
    if request == .restart { return lost.isEmpty ? .restarting : .refused("\(name): \(describeLoss(lost))") }
    if isEnding { return .starting }
    switch state {
    case .running, .starting: return .runsAlready
    case .panicked:
        return .refused(
            "the guest of \(name) panicked and is kept as it is: `blixard vm restart \(name)` starts it anew")
    case .unresponsive:
        return .refused(
            "the process of \(name) runs and does not answer: `blixard vm restart \(name)` replaces it")
    case .paused, .suspended, .ioError, .poweredOff, .absent, .stopped, .foreign: return .starting
    }
}

/// Why a request for a machine that is bound to no node is refused; nil where its place is not decided yet.
public func judgeUnbound(_ object: FleetObject) -> String? {
    let name = object.key.name
    if let spec = try? VirtualMachineSpec(canonical: object.spec), let rest = spec.rest {
        return refusal(of: name, at: rest)
    }
    guard !object.isAwaitingPlacement else { return nil }
    // A status that can't be read tells no reason.
    let status = try? VirtualMachineStatus(canonical: object.status)
    let spec = try? VirtualMachineSpec(canonical: object.spec)
    let then = spec?.runStrategy == .manual ? "ask again when it has one" : "it is started when it has one"
    return "\(name) is on no node; \(then): "
        + (status?.conditions["Scheduled"]?.message ?? "its status can't be read")
}

/// Why there is no log of a machine that is bound to no node.
public func logsOfUnbound(_ object: FleetObject) -> String {
    let name = object.key.name
    // What can't be read is placed nowhere; its own condition says so.
    if let spec = try? VirtualMachineSpec(canonical: object.spec), let rest = spec.rest {
        return "\(name) has never had a node, so it has printed nothing: \(rest.reason)"
    }
    let status = try? VirtualMachineStatus(canonical: object.status)
    let why = status?.conditions["Scheduled"].flatMap { $0.message.isEmpty ? nil : ": \($0.message)" } ?? ""
    return "\(name) is on no node yet, so it has printed nothing" + why
}

extension FleetObject {
    /// Whether it is a machine that wants a node, about which the leader has not decided since its spec changed.
    public var isAwaitingPlacement: Bool {
        guard binding == nil, deletion == nil else { return false }
        // What can't be read is not placed, and the status says so.
        guard let spec = try? VirtualMachineSpec(canonical: self.spec), spec.rest == nil else { return false }
        let status = try? VirtualMachineStatus(canonical: self.status)
        guard let scheduled = status?.conditions["Scheduled"] else { return true }
        return scheduled.status != .false || scheduled.observedGeneration < generation
    }
}

private func refusal(of name: String, at rest: VirtualMachineSpec.Rest) -> String {
    switch rest {
    case .halted:
        "the runStrategy of \(name) is Halted, so it never runs: give it another one in its manifest and apply that"
    case .stoppedByHand:
        "\(name) is stopped by hand: `blixard vm start \(name)` clears that and starts it"
    }
}
