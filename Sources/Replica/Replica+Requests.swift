import Fleet
import Hypervisor
import Manifest
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

    /// Judges a request, and takes it if it is accepted; that is answered when it is recorded.
    mutating func take(_ request: MachineRequest, of uid: UID, for waiter: Waiter) {
        let verdict = verdict(on: request, of: uid)
        guard let verdict, verdict.isAccepted else {
            effects.append(.requested(waiter, verdict))
            return
        }
        begin(request, of: uid, startedBefore: machines.machines[uid]?.observation?.lastStartedAt)
        machines.unrecorded.append(
            MachineLoop.UnrecordedRequest(
                waiter: waiter, uid: uid, verdict: verdict, deadline: now + ReplicaTiming.readMilliseconds))
    }

    private mutating func begin(_ request: MachineRequest, of uid: UID, startedBefore: WallTime?) {
        machines.machines[uid]?.hasRecalled = true
        machines.machines[uid]?.history.take(request, lastStartedAt: startedBefore)
        if request == .restart, let observation = machines.machines[uid]?.observation,
            !observation.state.mayHaveProcess, let disks = observation.disks
        {
            machines.machines[uid]?.history.acceptLoss(keeping: disks)
        }
        machines.machines[uid]?.situation.tryAgain()
        machines.queue.add(uid, at: now)
        reporter.dirty.insert(uid)
    }

    /// Answers the requests that are recorded, or served already: an end of the agent does not lose them any more.
    mutating func answerRequests() {
        guard !machines.unrecorded.isEmpty else { return }
        var left: [MachineLoop.UnrecordedRequest] = []
        for entry in machines.unrecorded {
            let machine = machines.machines[entry.uid]
            guard let machine, let request = machine.history.request, recordedRequest(of: machine) != request else {
                effects.append(.requested(entry.waiter, machine == nil ? nil : entry.verdict))
                continue
            }
            if now >= entry.deadline {
                effects.append(.requested(entry.waiter, .notRecorded))
            } else {
                left.append(entry)
            }
        }
        machines.unrecorded = left
    }

    /// Takes up a request that an earlier run of the agent has recorded and not served. Called when the machine was looked
    /// at and the cluster's state is known to be no older than this agent's start.
    mutating func recallRequest(of uid: UID) {
        guard let machine = machines.machines[uid], let observation = machine.observation, !machine.hasRecalled else {
            return
        }
        machines.machines[uid]?.hasRecalled = true
        switch machine.desired.intent {
        case .halt, .remove, .notUnderstood: return
        case .run, .leave: break
        }
        guard let recorded = recordedRequest(of: machine), let request = MachineRequest(rawValue: recorded.verb),
            // Another process since then is what was asked for.
            observation.lastStartedAt == recorded.lastStartedAt,
            request == .restart || !observation.state.isRunning
        else { return }
        begin(request, of: uid, startedBefore: recorded.lastStartedAt)
    }

    /// What the cluster holds of a request for the machine under its binding to this node.
    func recordedRequest(of machine: MachineLoop.Machine) -> VirtualMachineStatus.Request? {
        guard let object = fleet[machine.desired.key], object.uid == machine.desired.uid,
            // A status that can't be read holds none.
            let status = try? VirtualMachineStatus(canonical: object.status), status.epoch == machine.desired.epoch
        else { return nil }
        return status.request
    }
}
