import Primitives

/// When a replica's next tick is due.
///
/// A stall costs ticks instead of a burst of them: time during which the node did not run times nothing out.
struct TickSchedule {
    private let period: Int64
    /// Always ahead of the last tick, by a period or less.
    private(set) var next: Instant

    init(start: Instant, periodMilliseconds: Int64) {
        period = periodMilliseconds
        next = start + periodMilliseconds
    }

    func isDue(_ now: Instant) -> Bool { now >= next }

    /// Takes the tick if it is due. One that comes a little late does not move those after it.
    mutating func take(_ now: Instant) -> Bool {
        guard isDue(now) else { return false }
        let regular = next + period
        next = regular > now ? regular : now + period
        return true
    }
}
