/// A moment on a clock that only moves forward, in milliseconds since an origin that only this process knows.
///
/// Timeouts, ages and rates are measured with it. It is never stored and never sent.
public struct Instant: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static let zero = Instant(milliseconds: 0)

    public static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }

    /// A moment that is further away than can be told is the last one, or the first.
    public static func + (instant: Instant, milliseconds: Int64) -> Instant {
        Instant(milliseconds: instant.milliseconds.addingClamped(milliseconds))
    }

    /// Milliseconds from the right one to the left one.
    public static func - (left: Instant, right: Instant) -> Int64 {
        left.milliseconds.subtractingClamped(right.milliseconds)
    }
}
