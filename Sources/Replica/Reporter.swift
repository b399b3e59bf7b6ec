import Fleet
import Primitives

/// What this node has to tell the cluster: as much as there is room for in one entry, the next only after that one is
/// acknowledged.
struct Reporter: Sendable {
    var dirty: Set<UID> = []
    var dirtyImages: Set<String> = []
    var nodeIsDirty = true
    var events: [EventDraft] = []
    var inFlight: InFlight?
    var sequence: UInt64 = 0
    /// When other addresses than the cluster knows were last proposed.
    var addressesSentAt: Instant?

    struct InFlight: Sendable {
        var request: RequestID
        var report: NodeReport
        var sentAt: Instant
    }

    /// Events beyond this are dropped rather than kept for a quorum that does not come.
    static let eventLimit = 1000
    /// A report ends with the status that exceeds this; what is left comes with the next. An entry has room for more, but
    /// every member writes it while heartbeats and votes wait.
    static let reportBytes = 1 << 20
}
