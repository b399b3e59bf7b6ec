import Fleet
import Hypervisor
import Manifest
import Primitives
import Raft
import Reconcile

/// What this node tells the cluster: the statuses that have changed and the events that explain them, as much as there
/// is room for in one entry, the next only after that one is acknowledged.
struct Reporter: Sendable {
    /// This node, which is the author of its reports.
    private let identity: Replica.Identity
    /// What this host has; nil until its agent has said it.
    private(set) var facts: NodeFacts?
    /// Machines whose status may differ from what the cluster knows.
    private(set) var machines: Set<UID> = []
    /// Images of whose copies on this node the same holds, by name.
    private(set) var images: Set<String> = []
    /// Whether the same holds of the node.
    private(set) var isNodeChanged = true
    /// Events that are not told yet, in the order in which they happened; those beyond ``eventLimit`` were dropped.
    private(set) var events: [EventDraft] = []
    /// The report that is under way: one at a time.
    private(set) var inFlight: InFlight?
    /// The number of the last report of this run; 0 before the first. The cluster takes no number twice.
    private var sequence: UInt64 = 0
    /// When other addresses than the cluster knows were last proposed.
    private var addressesSentAt: Instant?

    struct InFlight: Sendable {
        /// By which its entry is recognised.
        var request: RequestID
        /// What is told anew if it is lost.
        var report: NodeReport
        /// When it was proposed.
        var sentAt: Instant
    }

    /// Events beyond this are dropped rather than kept for a quorum that does not come.
    static let eventLimit = 1000
    /// A report ends with the status that exceeds this; what is left comes with the next. An entry has room for more,
    /// but every member writes it while heartbeats and votes wait.
    static let reportBytes = 1 << 20

    init(identity: Replica.Identity) {
        self.identity = identity
    }

    // MARK: What is to be told

    /// - Parameter name: This node's; nil if the state knows none.
    mutating func take(_ changes: StatusChanges, name: String?) {
        machines.formUnion(changes.machines)
        images.formUnion(changes.images)
        if changes.node { isNodeChanged = true }
        for event in changes.events where events.count < Self.eventLimit {
            events.append(
                EventDraft(
                    regarding: event.regarding, uid: event.uid, type: event.type, reason: event.reason,
                    message: event.message, source: name ?? "node-\(identity.id)"))
        }
    }

    mutating func found(_ facts: NodeFacts) {
        self.facts = facts
        isNodeChanged = true
    }

    // MARK: Reports

    /// The next report; nil if one is under way or nothing has changed.
    ///
    /// - Parameter loop: The machines of this node, all looked at once.
    mutating func report(
        of loop: MachineLoop, in fleet: Fleet, as member: Member, isShortOfDisk: Bool, at moment: Moment,
        generator: inout SeededGenerator
    ) -> WriteSubmission? {
        guard inFlight == nil else { return nil }
        // An earlier run of this node has counted on, and the fleet takes no number twice.
        let sequence = max(sequence, fleet.reportSequence(of: member.id)).addingClamped(1)
        var room = Self.reportBytes
        let report = NodeReport(
            member: member.id, sequence: sequence,
            nodeStatus: nodeStatus(of: member, in: fleet, isShortOfDisk: isShortOfDisk, at: moment.wall),
            machines: machineReports(of: loop, in: fleet, as: member.name, at: moment, &room),
            images: imageReports(of: loop, in: fleet, as: member.name, &room), events: takeEvents(&room))
        isNodeChanged = false
        guard
            report.nodeStatus != nil || !report.machines.isEmpty || !report.images.isEmpty || !report.events.isEmpty
        else { return nil }
        self.sequence = sequence
        let request = RequestID.random(using: &generator)
        inFlight = InFlight(request: request, report: report, sentAt: moment.now)
        return WriteSubmission(request: request, author: identity.key, command: .report(report))
    }

    /// What there is room for; the rest stays for the next report.
    private mutating func machineReports(
        of loop: MachineLoop, in fleet: Fleet, as node: String, at moment: Moment, _ room: inout Int
    ) -> [MachineReport] {
        var reports: [MachineReport] = []
        for uid in machines.sorted() where room > 0 {
            machines.remove(uid)
            guard let report = loop.report(of: uid, in: fleet, node: node, at: moment) else { continue }
            room -= report.status.count
            reports.append(report)
        }
        return reports
    }

    private mutating func imageReports(
        of loop: MachineLoop, in fleet: Fleet, as node: String, _ room: inout Int
    ) -> [ImageReport] {
        var reports: [ImageReport] = []
        for image in images.sorted() where room > 0 {
            images.remove(image)
            guard let report = loop.report(ofImage: image, in: fleet, node: node) else { continue }
            room -= report.status?.count ?? 0
            reports.append(report)
        }
        return reports
    }

    private mutating func takeEvents(_ room: inout Int) -> [EventDraft] {
        var told = 0
        while told < events.count, room > 0 {
            room -= events[told].message.utf8.count
            told += 1
        }
        defer { events.removeFirst(told) }
        return Array(events.prefix(told))
    }

    /// An entry was applied. A report that the fleet has refused is told anew.
    mutating func decided(_ request: RequestID, _ outcome: CommandOutcome) {
        guard let flight = inFlight, flight.request == request else { return }
        if case .refused = outcome { tellAnew(flight) } else { inFlight = nil }
    }

    /// Gives up a report that was not acknowledged for long; answers its request, for which nothing waits any more.
    mutating func giveUpLate(at now: Instant) -> RequestID? {
        guard let flight = inFlight, now - flight.sentAt >= ReplicaTiming.reportMilliseconds else { return nil }
        tellAnew(flight)
        return flight.request
    }

    /// It may be applied or not: what it said is compared with the state again.
    private mutating func tellAnew(_ flight: InFlight) {
        inFlight = nil
        isNodeChanged = true
        machines.formUnion(flight.report.machines.map(\.uid))
        images.formUnion(flight.report.images.map(\.key.name))
        events = flight.report.events + events
    }

    // MARK: Addresses

    /// Tells the cluster where this node is to be dialed from now on; nil if that is what it knows, or was told lately.
    mutating func addressUpdate(
        of member: Member, at now: Instant, generator: inout SeededGenerator
    ) -> WriteSubmission? {
        guard let facts, !facts.addresses.isEmpty, member.addresses != facts.addresses else { return nil }
        if let sent = addressesSentAt, now - sent < ReplicaTiming.reportMilliseconds { return nil }
        addressesSentAt = now
        return WriteSubmission(
            request: RequestID.random(using: &generator), author: identity.key,
            command: .updateMember(id: member.id, addresses: facts.addresses, level: member.level))
    }
}
