import Hypervisor
public import Primitives
public import Reconcile

// What people ask of single machines, judged and taken by the node that holds them.
extension Replica {
    /// What this node answers to a request for a machine; nil if the machine is not one of this node's.
    public func verdict(on request: MachineRequest, of uid: UID) -> RequestVerdict? {
        guard let machine = machines.machines[uid] else { return nil }
        var desired = machine.desired
        if machines.isHalting { desired.intent = .halt(.nodeEnds) }
        var isEnding = false
        if case .stop = machine.work?.step.action { isEnding = true }
        return judge(request, of: desired, observed: machine.observation, history: machine.history, isEnding: isEnding)
    }

    /// Takes a request, unless the state has changed since it was answered and now speaks against it.
    mutating func take(_ request: MachineRequest, of uid: UID) {
        guard verdict(on: request, of: uid)?.isAccepted == true else { return }
        machines.machines[uid]?.history.take(request)
        if request == .restart, let observation = machines.machines[uid]?.observation,
            !observation.state.mayHaveProcess, let disks = observation.disks
        {
            machines.machines[uid]?.history.acceptLoss(keeping: disks)
        }
        machines.machines[uid]?.situation.tryAgain()
        machines.queue.add(uid, at: now)
        reporter.dirty.insert(uid)
    }
}
