import Fleet
import Manifest
import Primitives
import Raft
import Reconcile

/// What a node remembers while it leads and has applied the first entry of its own term; it ends with the term.
struct LeaderDuties: Sendable {
    var term: Term
    /// The batch of placements that is under way: one at a time.
    var placement: RequestID?
    var placementStartedAt = Instant.zero
    /// What the last placement was decided from; nothing is decided twice from the same.
    var placedRevision: UInt64?
    var placedReady: [String] = []
    /// Machines without a place that may want one.
    private(set) var candidates: Set<ObjectKey> = []
    /// Those that want none and have been told so. They are many in some fleets, and are not looked at with every write.
    private(set) var settled: [ObjectKey: PlacementDemand.Settled] = [:]
    /// When a membership change was proposed that is not applied yet.
    var membershipInFlight: Instant?
    var livenessSentAt: Instant?
    /// What was told of nodes and is not applied yet: one entry at a time.
    var news: RequestID?
    var newsLookedAt: Instant?
    /// That this node leads has been told.
    var hasToldOffice = false

    /// Brings ``candidates`` up to the fleet's revision by what has changed since the last placement.
    mutating func followUnbound(_ fleet: Fleet, ready: [String]) {
        let since = placedRevision
        placedRevision = fleet.revision
        placedReady = ready
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

    mutating func settle(_ machines: [ObjectKey: PlacementDemand.Settled]) {
        settled.merge(machines) { _, new in new }
        candidates.subtract(machines.keys)
    }
}
