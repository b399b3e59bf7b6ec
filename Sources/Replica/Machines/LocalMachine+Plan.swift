import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile

// What follows from what is known of a machine.
extension LocalMachine {
    /// What is left to do, as its status tells it: also while a try that failed delays the next.
    ///
    /// - Parameter isHalting: Whether the node ends, which brings every machine down.
    func plan(images: ImageShelf, isHalting: Bool, at now: Instant) -> [MachineStep] {
        planMachine(
            desired(isHalting: isHalting), observed: observation, history: history, images: images, now: now)
    }

    /// The plan with the work under way first, so that the status says what is being done.
    func stablePlan(images: ImageShelf, isHalting: Bool, at now: Instant) -> [MachineStep] {
        if let step = work?.step, step.action != .look { return [step] }
        return plan(images: images, isHalting: isHalting, at: now)
    }

    /// What the node answers to a request for the machine.
    func verdict(on request: MachineRequest, isHalting: Bool) -> RequestVerdict {
        var isEnding = false
        if case .stop = work?.step.action { isEnding = true }
        return judge(
            request, of: desired(isHalting: isHalting), observed: observation, history: history, isEnding: isEnding)
    }

    /// Whether nothing of the machine runs on this host any more, and nothing is done to it.
    var isDown: Bool {
        guard work == nil, let state = observation?.state else { return false }
        if case .foreign = state { return true }
        return !state.mayHaveProcess
    }

    private func desired(isHalting: Bool) -> DesiredMachine {
        var desired = desired
        if isHalting { desired.intent = .halt(.nodeEnds) }
        return desired
    }
}
