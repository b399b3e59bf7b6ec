/// How long one side has waited for the other without progress.
struct StallClock {
    /// Nil sets no limit.
    private let limitMilliseconds: Int64?
    private let progressBytes: Int
    /// Since the last progress; the bytes since then are fewer than `progressBytes`.
    private var waitedMilliseconds: Int64 = 0
    private var bytes = 0

    /// - Parameter progressBytes: How much must move for the waiting to count anew: a trickle is no progress.
    init(limitMilliseconds: Int64?, progressBytes: Int) {
        self.limitMilliseconds = limitMilliseconds
        self.progressBytes = progressBytes
    }

    mutating func moved(_ count: Int) {
        bytes += count
        guard bytes >= progressBytes else { return }
        bytes = 0
        waitedMilliseconds = 0
    }

    /// Counts time that was waited; answers the limit if it is over.
    mutating func waited(_ milliseconds: Int64) -> Int64? {
        guard let limitMilliseconds else { return nil }
        waitedMilliseconds += milliseconds
        return waitedMilliseconds >= limitMilliseconds ? limitMilliseconds : nil
    }
}
