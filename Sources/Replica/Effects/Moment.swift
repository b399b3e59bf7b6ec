import Primitives

/// When an input is handled.
struct Moment: Equatable, Sendable {
    /// Monotonic; never earlier than with the input before.
    var now: Instant
    /// Civil time; may jump. It labels, and nothing waits for it.
    var wall: WallTime
}
