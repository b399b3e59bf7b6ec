import Primitives

/// A host's monotonic clock, which may run a little too fast or too slow, and never goes back.
struct NodeClock: Equatable {
    /// A true moment, and what the clock showed then.
    private var anchor = Instant.zero
    private var shown = Instant.zero
    /// 1000 is right.
    private(set) var ratePerMille: Int64 = 1000

    func now(at moment: Instant) -> Instant { shown + (moment - anchor) * ratePerMille / 1000 }

    mutating func setRate(_ perMille: Int64, at moment: Instant) {
        precondition((500...2000).contains(perMille), "a clock of \(perMille) per mille")
        shown = now(at: moment)
        anchor = moment
        ratePerMille = perMille
    }

    /// How long it truly takes until the clock has moved on by this much.
    func trueMilliseconds(_ milliseconds: Int64) -> Int64 {
        (milliseconds * 1000 + ratePerMille - 1) / ratePerMille
    }
}
