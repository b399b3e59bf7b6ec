import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Raft
import Reconcile

// Status goes through the log only when it has changed, everything that changed as one entry.
extension Replica {
    mutating func report() {
        announceAddresses()
        if let flight = reporter.inFlight, now - flight.sentAt >= ReplicaTiming.reportMilliseconds {
            resumeReport(flight)
        }
        guard reporter.inFlight == nil, machines.hasLooked, let name, softState.leader != nil,
            let member = fleet.member(key: identity.key)
        else { return }
        // An earlier run of this node has counted on, and the fleet takes no number twice.
        let sequence = max(reporter.sequence, fleet.reportSequence(of: member.id)).addingClamped(1)
        var room = Reporter.reportBytes
        let report = NodeReport(
            member: member.id, sequence: sequence, nodeStatus: nodeReport(name, member),
            machines: machineReports(name, &room), images: imageReports(name, &room), events: events(&room))
        reporter.nodeIsDirty = false
        guard
            report.nodeStatus != nil || !report.machines.isEmpty || !report.images.isEmpty || !report.events.isEmpty
        else { return }
        reporter.sequence = sequence
        let request = RequestID.random(using: &generator)
        reporter.inFlight = Reporter.InFlight(request: request, report: report, sentAt: now)
        submit(WriteSubmission(request: request, author: identity.key, command: .report(report)), for: Self.nobody)
        drainRaft()
    }

    /// Tells the cluster where this node is to be dialed from now on, if that is not what it knows.
    ///
    /// Only with the cluster's state at hand: what an old state says of this node may have been changed since.
    private mutating func announceAddresses() {
        guard let facts, !facts.addresses.isEmpty, machines.isCaughtUp, softState.leader != nil,
            let member = fleet.member(key: identity.key), member.addresses != facts.addresses
        else { return }
        if let sent = reporter.addressesSentAt, now - sent < ReplicaTiming.reportMilliseconds { return }
        reporter.addressesSentAt = now
        let update = Command.updateMember(id: member.id, addresses: facts.addresses, level: member.level)
        let request = RequestID.random(using: &generator)
        submit(WriteSubmission(request: request, author: identity.key, command: update), for: Self.nobody)
        drainRaft()
    }

    /// Nobody waits for the answer of a report: it is seen when it is applied.
    static var nobody: Waiter { Waiter(0) }

    mutating func reportDecided(_ request: RequestID, _ outcome: CommandOutcome) {
        guard let flight = reporter.inFlight, flight.request == request else { return }
        if case .refused = outcome { resumeReport(flight) } else { reporter.inFlight = nil }
    }

    /// It may be applied or not: what it said is compared with the state again.
    private mutating func resumeReport(_ flight: Reporter.InFlight) {
        reporter.inFlight = nil
        proposals[flight.request] = nil
        reporter.nodeIsDirty = true
        reporter.dirty.formUnion(flight.report.machines.map(\.uid))
        reporter.dirtyImages.formUnion(flight.report.images.map(\.key.name))
        reporter.events = flight.report.events + reporter.events
    }

    private func nodeReport(_ name: String, _ member: Member) -> [UInt8]? {
        guard reporter.nodeIsDirty, let facts else { return nil }
        let object = fleet[ObjectKey(kind: "Node", namespace: "", name: name)]
        let previous = object.flatMap { try? NodeStatus(canonical: $0.status) }
        var conditions = previous?.conditions ?? []
        conditions.set(
            Condition(
                type: "HypervisorAvailable", status: facts.hypervisorProblem == nil ? .true : .false,
                reason: facts.hypervisorProblem == nil ? "Available" : "Unavailable",
                message: facts.hypervisorProblem ?? "", observedGeneration: object?.generation ?? 0,
                lastTransitionTime: wall))
        if shortage != nil || conditions["DiskPressure"] != nil {
            conditions.set(
                Condition(
                    type: "DiskPressure", status: shortage == nil ? .false : .true,
                    reason: shortage == nil ? "LogHasRoom" : "LogHasNoRoom",
                    message: shortage == nil
                        ? "" : "the disk of the node has no room for its log: it takes no entries and does not lead",
                    observedGeneration: object?.generation ?? 0, lastTransitionTime: wall))
        }
        let status = NodeStatus(
            raftID: member.id, publicKey: member.key, addresses: facts.addresses,
            role: member.role == .voter ? .voter : .learner, version: facts.version, capacity: facts.capacity,
            allocatable: facts.allocatable, accelerator: facts.accelerator, conditions: conditions)
        let bytes = status.json.canonicalBytes
        return bytes == object?.status ? nil : bytes
    }

    /// What there is room for; the rest stays for the next report.
    private mutating func machineReports(_ name: String, _ room: inout Int) -> [MachineReport] {
        var reports: [MachineReport] = []
        for uid in reporter.dirty.sorted() where room > 0 {
            reporter.dirty.remove(uid)
            guard let report = machineReport(uid, name) else { continue }
            room -= report.status.count
            reports.append(report)
        }
        return reports
    }

    private func machineReport(_ uid: UID, _ name: String) -> MachineReport? {
        guard let machine = machines.machines[uid], let observation = machine.observation else { return nil }
        let desired = machine.desired
        let object = fleet[desired.key]
        let previous = object.flatMap { try? VirtualMachineStatus(canonical: $0.status) }
        var status = composeStatus(
            of: desired, observed: observation, history: machine.history, steps: stableSteps(machine),
            images: shelf, previous: previous, node: name, wall: wall)
        // What is not looked for yet is not taken for served.
        if !machine.hasRecalled { status.request = recordedRequest(of: machine) }
        let bytes = status.json.canonicalBytes
        guard machine.isRemoved || bytes != object?.status else { return nil }
        return MachineReport(
            key: desired.key, uid: uid, epoch: desired.epoch, status: bytes, removed: machine.isRemoved)
    }

    /// The plan with the step under way first, so that the status says what is being done.
    private func stableSteps(_ machine: MachineLoop.Machine) -> [MachineStep] {
        if let step = machine.work?.step, step.action != .look { return [step] }
        return plan(machine)
    }

    private mutating func imageReports(_ name: String, _ room: inout Int) -> [ImageReport] {
        var reports: [ImageReport] = []
        for image in reporter.dirtyImages.sorted() where room > 0 {
            reporter.dirtyImages.remove(image)
            guard let report = imageReport(image, name) else { continue }
            room -= report.status?.count ?? 0
            reports.append(report)
        }
        return reports
    }

    private func imageReport(_ imageName: String, _ name: String) -> ImageReport? {
        guard let image = machines.images[imageName] else { return nil }
        let key = ObjectKey(kind: "Image", namespace: "", name: imageName)
        var copy = ImageStatus.NodeCopy(name: name, bytes: 0, state: .pending, message: "")
        switch image.holding {
        case .held(_, _, let bytes):
            copy.state = .present
            copy.bytes = bytes
        case .fetching: copy.state = .fetching
        case .failed(let message):
            copy.state = .failed
            copy.message = message
        // Nobody has needed it since the agent started: what was said of it before still holds.
        case .absent, .unknown: return nil
        }
        let bytes = copy.json.canonicalBytes
        guard fleet[key]?.nodeStatuses[name] != bytes else { return nil }
        return ImageReport(key: key, uid: image.image.uid, status: bytes)
    }

    // MARK: Events

    private mutating func events(_ room: inout Int) -> [EventDraft] {
        var told = 0
        while told < reporter.events.count, room > 0 {
            room -= reporter.events[told].message.utf8.count
            told += 1
        }
        defer { reporter.events.removeFirst(told) }
        return Array(reporter.events.prefix(told))
    }

    private mutating func tell(_ desired: DesiredMachine, _ type: EventType, _ reason: String, _ message: String) {
        guard reporter.events.count < Reporter.eventLimit else { return }
        reporter.events.append(
            EventDraft(
                regarding: desired.key, uid: desired.uid, type: type, reason: reason, message: message,
                source: name ?? "node-\(identity.id)"))
    }

    mutating func report(done step: MachineStep, of desired: DesiredMachine, _ observation: MachineObservation) {
        let process = observation.pid.map { " as process \($0)" } ?? ""
        switch step.action {
        case .start: tell(desired, .normal, "Started", "started\(process): \(step.reason)")
        case .resume: tell(desired, .normal, "Resumed", "resumed: \(step.reason)")
        case .stop: tell(desired, .normal, "Stopped", "stopped: \(step.reason)")
        case .delete: tell(desired, .normal, "Deleted", "machine and disks were removed")
        default: break
        }
    }

    mutating func report(failed step: MachineStep, _ failure: MachineFailure, of desired: DesiredMachine) {
        tell(desired, .warning, "Failed" + capitalized(step.action.verb), failure.description)
    }

    mutating func report(ended observation: MachineObservation, of desired: DesiredMachine) {
        switch observation.state {
        case .stopped(.crashed(let message)):
            tell(desired, .warning, "Exited", message.isEmpty ? "its process ended" : message)
        case .stopped(.hostRestarted): tell(desired, .warning, "Exited", "the host was restarted")
        case .stopped, .absent: tell(desired, .warning, "Exited", observation.message ?? "its process is gone")
        case .poweredOff: tell(desired, .normal, "PoweredOff", "the guest switched itself off")
        case .panicked: tell(desired, .warning, "GuestPanicked", "the guest reported a panic")
        default: break
        }
    }

    mutating func report(image name: String, failed message: String, for desired: DesiredMachine) {
        tell(desired, .warning, "ErrImagePull", "Image \"\(name)\": \(message)")
    }

    mutating func report(left step: MachineStep, of desired: DesiredMachine) {
        tell(desired, .warning, "LeftAlone", step.reason)
    }

    private func capitalized(_ verb: String) -> String {
        verb.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
