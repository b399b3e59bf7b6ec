/// What a simulation has seen.
public struct SimulationReport: Equatable, Sendable {
    public var seed: UInt64
    public var options: SimulationOptions
    /// Events that were handled.
    public var steps = 0
    public var simulatedMilliseconds: Int64 = 0
    /// Terms that had a leader.
    public var elections = 0
    public var faultsByKind: [FaultKind: Int] = [:]
    /// Entries that the cluster has committed.
    public var entries: UInt64 = 0
    /// Requests that were answered.
    public var writes = 0
    public var reads = 0
    public var machineStarts = 0
    /// How long after the last fault everything was as wanted; nil if it never was.
    public var convergenceMilliseconds: Int64?
    /// Empty if all is well. The run ends with the first.
    public var violations: [Violation] = []
    /// Equal for equal runs.
    public var traceDigest: UInt64 = 0
    /// Empty unless it was asked for.
    public var trace: [String] = []

    init(seed: UInt64, options: SimulationOptions) {
        self.seed = seed
        self.options = options
    }

    /// One line for people.
    public var summary: String {
        let faults = faultsByKind.values.reduce(0, +)
        let end =
            violations.first.map { "VIOLATION \($0)" }
            ?? "all is well, \(convergenceMilliseconds ?? 0) ms after the last fault"
        return "seed \(seed): \(simulatedMilliseconds) ms, \(steps) steps, \(elections) elections, \(entries) entries, "
            + "\(writes) writes, \(reads) reads, \(machineStarts) starts, \(faults) faults: \(end)"
    }
}
