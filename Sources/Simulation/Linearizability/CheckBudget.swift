/// How much work a check may be.
package struct CheckBudget: Equatable, Sendable {
    /// Steps of the model, over all partitions. When they are used up, the verdict is that there is none.
    package var steps: Int
    /// Bytes that visited configurations may take, over all partitions. Beyond them nothing more is remembered: the
    /// verdict stays right, but what has been refuted once may be tried again.
    package var cacheBytes: Int

    package init(steps: Int, cacheBytes: Int) {
        precondition(steps > 0 && cacheBytes >= 0, "a budget of \(steps) steps and \(cacheBytes) bytes")
        self.steps = steps
        self.cacheBytes = cacheBytes
    }

    /// Enough for every history of a few thousand operations that was ever met; some seconds and 256 MiB at most.
    package static let usual = CheckBudget(steps: 20_000_000, cacheBytes: 1 << 28)
}
