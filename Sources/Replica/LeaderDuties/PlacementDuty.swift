import Fleet
import Manifest
import Primitives
import Reconcile

/// Gives machines to nodes: one batch of placements is under way at a time, and nothing is decided twice from the same
/// revision and the same set of ready nodes.
struct PlacementDuty: Sendable {
    /// The batch that is proposed and not applied, and since when.
    private(set) var inFlight: (request: RequestID, since: Instant)?
    /// The revision up to which ``candidates`` is followed; nil if it is to be gathered anew.
    private var placedRevision: UInt64?
    /// The ready nodes with which was decided last.
    private var placedReady: [String] = []
    /// Machines without a place that may want one.
    private(set) var candidates: Set<ObjectKey> = []
    /// Those that want none and have been told so; none is in ``candidates``. They are many in some fleets, and are not
    /// looked at with every write.
    private(set) var settled: [ObjectKey: PlacementDemand.Settled] = [:]

    /// The batch under way, and the revision that it was decided from.
    var underWay: (request: RequestID, revision: UInt64?)? { inFlight.map { ($0.request, placedRevision) } }

    /// The next batch; nil if one is under way, nothing has changed, or nothing is to be said. It is to be proposed,
    /// and answered by ``proposed(_:at:)`` or ``notTaken()``.
    ///
    /// - Parameter ready: The names of members that may be given machines, in the order of the members.
    mutating func place(
        in fleet: Fleet, ready: [String], by leader: PublicKey, at now: Instant, generator: inout SeededGenerator
    ) -> WriteSubmission? {
        if let flight = inFlight {
            guard now - flight.since >= ReplicaTiming.writeMilliseconds else { return nil }
            inFlight = nil
            placedRevision = nil
        }
        guard placedRevision != fleet.revision || placedReady != ready else { return nil }
        followUnbound(fleet)
        placedReady = ready
        var demand = PlacementDemand(candidates.sorted(), of: fleet)
        settle(demand.settled)
        if !demand.machines.isEmpty {
            let names = Set(ready)
            var placement = Placement(fleet: fleet, isReady: { names.contains($0) })
            placement.decide(&demand, at: fleet.time)
        }
        let batch = demand.batch
        guard !batch.bindings.isEmpty || !batch.notes.isEmpty else { return nil }
        return WriteSubmission(
            request: RequestID.random(using: &generator), author: leader, command: .place(batch))
    }

    mutating func proposed(_ request: RequestID, at now: Instant) { inFlight = (request, now) }

    /// It is decided again from the same, a little later.
    mutating func notTaken() { placedRevision = nil }

    mutating func decided(_ request: RequestID) {
        if inFlight?.request == request { inFlight = nil }
    }

    /// Brings ``candidates`` up to the fleet's revision by what has changed since the last placement.
    private mutating func followUnbound(_ fleet: Fleet) {
        let since = placedRevision
        placedRevision = fleet.revision
        guard let since, case .changes(let changes) = fleet.changes(after: since) else {
            candidates = Set(fleet.unbound())
            settled = [:]
            return
        }
        for change in changes where change.object.key.kind == "VirtualMachine" {
            let object = change.object
            if change.kind == .deleted || object.binding != nil {
                candidates.remove(object.key)
                settled[object.key] = nil
            } else if settled[object.key].map({ !$0.holds(for: object) }) ?? true {
                settled[object.key] = nil
                candidates.insert(object.key)
            }
        }
    }

    private mutating func settle(_ machines: [ObjectKey: PlacementDemand.Settled]) {
        settled.merge(machines) { _, new in new }
        candidates.subtract(machines.keys)
    }
}
