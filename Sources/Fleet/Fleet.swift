public import Primitives

/// The replicated state machine: what every replica holds after applying the same entries.
///
/// A fleet is a value. Copying it costs nothing until one copy changes, which is how dry runs and snapshots work.
/// Applying is total and deterministic: the same entries at the same indexes give the same state, the same answers and
/// the same snapshot, in every process and on every machine. Two fleets are equal if they hold the same replicated
/// state; what they still remember for ``changes(after:)`` does not count.
public struct Fleet: Sendable {
    /// The highest level that this program understands.
    public static let knownLevel: UInt32 = 1

    /// Empty before the bootstrap entry.
    public internal(set) var clusterID = ""
    /// By which the leader chooses its commands and replicas their behaviour.
    public internal(set) var level: UInt32 = 1
    /// The largest stamp so far. It labels, and nothing that protects data waits for it.
    public internal(set) var time = WallTime(milliseconds: 0)
    /// The change counter: one more for each object and each event that an entry changes.
    public internal(set) var revision: UInt64 = 0
    /// The log index of the last entry that was applied or skipped.
    public internal(set) var appliedIndex: UInt64 = 0
    /// The key that seals values of Secrets; nil while the cluster has none.
    public internal(set) var secretsKey: SecretsKey?

    var objects = ObjectTable()
    var memberTable = MemberTable()
    var access: [PublicKey: AccessEntry] = [:]
    var tickets: [[UInt8]: Ticket] = [:]
    /// By node name; kept when the member goes, so that a counter never comes back to an old value.
    var allocationCounters: [String: UInt64] = [:]
    var sets = SetTable()
    var eventTable: EventTable
    var requests: RequestWindow
    var feed: ChangeFeed
    let bounds: FleetBounds

    /// The fleet before the first entry.
    public init() {
        self.init(bounds: .standard)
    }

    package init(bounds: FleetBounds) {
        self.bounds = bounds
        eventTable = EventTable(bounds: bounds)
        requests = RequestWindow(floor: nil, bounds: bounds)
        feed = ChangeFeed(floor: 0, bounds: bounds)
    }
}

extension Fleet: Equatable {
    public static func == (left: Fleet, right: Fleet) -> Bool {
        left.clusterID == right.clusterID && left.level == right.level && left.time == right.time
            && left.revision == right.revision && left.appliedIndex == right.appliedIndex
            && left.objects == right.objects && left.memberTable == right.memberTable && left.access == right.access
            && left.tickets == right.tickets && left.allocationCounters == right.allocationCounters
            && left.secretsKey == right.secretsKey && left.sets == right.sets && left.eventTable == right.eventTable
            && left.requests == right.requests
    }
}
