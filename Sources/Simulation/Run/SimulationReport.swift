/// What a simulation has seen.
public struct SimulationReport: Equatable, Sendable {
    public var seed: UInt64
    public var options: SimulationOptions
    /// Absent is zero.
    public var figures: [SimulationFigure: Int] = [:]
    public var faultsByKind: [FaultKind: Int] = [:]
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

    public subscript(figure: SimulationFigure) -> Int {
        get { figures[figure] ?? 0 }
        set { figures[figure] = newValue }
    }

    /// One line for people.
    public var summary: String {
        let faults = faultsByKind.values.reduce(0, +)
        let end =
            violations.first.map { "VIOLATION \($0)" }
            ?? "all is well, \(convergenceMilliseconds ?? 0) ms after the last fault"
        return "seed \(seed): \(options.nodes) nodes, \(self[.milliseconds]) ms, \(self[.steps]) steps, "
            + "\(self[.elections]) elections, \(self[.entries]) entries, \(self[.writes]) writes, "
            + "\(self[.reads]) reads, \(self[.machineStarts]) starts, \(faults) faults: \(end)"
    }
}

/// What is counted in a simulation.
public enum SimulationFigure: String, Hashable, Sendable, CaseIterable {
    /// Simulated time.
    case milliseconds
    /// Events that were handled.
    case steps
    /// Terms that had a leader.
    case elections
    /// Entries that the cluster has committed.
    case entries
    /// Requests that were answered.
    case writes
    case reads
    /// Operations on single objects in the histories that were checked for linearizability.
    case operations
    case machineStarts
    /// Plans that were asked for.
    case plans
    /// Work on machines and batches of placements that came as a plan had said.
    case plannedSteps
    /// Starts of agents.
    case starts
    case snapshotsSaved
    case snapshotsInstalled
    case replacedNodes
    case refusedLogs
    /// How long after the last fault a node led, every user was served, and everything was as wanted.
    case leaderMilliseconds
    case serviceMilliseconds
    case convergenceMilliseconds

    /// Whether many runs are told by their worst instead of their sum.
    var isWorst: Bool {
        self == .leaderMilliseconds || self == .serviceMilliseconds || self == .convergenceMilliseconds
    }
}
