/// What many simulations have seen together.
public struct SimulationTotals: Equatable, Sendable {
    public private(set) var seeds = 0
    public private(set) var failedSeeds: [UInt64] = []
    public private(set) var simulatedMilliseconds: Int64 = 0
    public private(set) var steps = 0
    public private(set) var elections = 0
    public private(set) var entries: UInt64 = 0
    public private(set) var writes = 0
    public private(set) var reads = 0
    public private(set) var machineStarts = 0
    public private(set) var faultsByKind: [FaultKind: Int] = [:]
    public private(set) var slowestConvergenceMilliseconds: Int64 = 0

    public init() {}

    public mutating func add(_ report: SimulationReport) {
        seeds += 1
        if !report.violations.isEmpty { failedSeeds.append(report.seed) }
        simulatedMilliseconds += report.simulatedMilliseconds
        steps += report.steps
        elections += report.elections
        entries += report.entries
        writes += report.writes
        reads += report.reads
        machineStarts += report.machineStarts
        faultsByKind.merge(report.faultsByKind, uniquingKeysWith: +)
        slowestConvergenceMilliseconds = max(slowestConvergenceMilliseconds, report.convergenceMilliseconds ?? 0)
    }

    /// A few lines for people.
    public var lines: [String] {
        [
            "\(seeds) seeds, \(failedSeeds.count) failed; \(simulatedMilliseconds / 3_600_000) h "
                + "\(simulatedMilliseconds / 60_000 % 60) min of simulated time, \(steps) steps",
            "\(elections) elections, \(entries) entries, \(writes) writes, \(reads) reads, \(machineStarts) machine "
                + "starts; the slowest convergence took \(slowestConvergenceMilliseconds) ms",
        ] + faultsByKind.sorted { $0.key < $1.key }.map { "  \($0.value) x \($0.key.rawValue)" }
    }
}
