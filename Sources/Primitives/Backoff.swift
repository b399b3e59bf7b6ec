/// Delays that double from a base up to a cap, with jitter, and start over after success.
public struct Backoff: Sendable, Equatable {
    public let baseMilliseconds: Int64
    public let capMilliseconds: Int64
    /// Failures in a row.
    public private(set) var failures = 0

    public init(baseMilliseconds: Int64, capMilliseconds: Int64) {
        precondition(
            baseMilliseconds > 0 && capMilliseconds >= baseMilliseconds,
            "base \(baseMilliseconds) ms, cap \(capMilliseconds) ms")
        self.baseMilliseconds = baseMilliseconds
        self.capMilliseconds = capMilliseconds
    }

    /// Counts a failure and answers how long to wait: between half and all of base x 2^(failures - 1), at most the cap.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Int64 {
        failures += 1
        let full = delay(afterFailures: failures)
        return full - Int64.random(in: 0...full / 2, using: &generator)
    }

    /// The delay without jitter.
    public func delay(afterFailures count: Int) -> Int64 {
        var delay = baseMilliseconds
        var doublings = max(1, count) - 1
        while doublings > 0, delay < capMilliseconds {
            delay = delay.multipliedClamped(by: 2)
            doublings -= 1
        }
        return min(delay, capMilliseconds)
    }

    public mutating func reset() {
        failures = 0
    }
}
