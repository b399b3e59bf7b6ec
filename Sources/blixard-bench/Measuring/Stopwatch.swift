/// Time since a moment.
struct Stopwatch: Sendable {
    private let start = ContinuousClock.now

    var milliseconds: Double { Self.milliseconds(ContinuousClock.now - start) }
    var seconds: Double { milliseconds / 1000 }

    /// From the start to a moment.
    func milliseconds(until moment: ContinuousClock.Instant) -> Double { Self.milliseconds(moment - start) }

    private static func milliseconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
    }
}
