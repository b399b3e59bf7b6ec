import Primitives
import Wire

/// What the leader last told about who is silent.
struct ReceivedLiveness: Sendable {
    var liveness: Liveness
    var at: Instant
}
