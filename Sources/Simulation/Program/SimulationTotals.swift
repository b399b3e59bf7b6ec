/// What many simulations have seen together.
public struct SimulationTotals: Equatable, Sendable {
    public private(set) var seeds = 0
    public private(set) var failedSeeds: [UInt64] = []
    public private(set) var figures: [SimulationFigure: Int] = [:]
    public private(set) var faultsByKind: [FaultKind: Int] = [:]

    public init() {}

    public mutating func add(_ result: SeedResult) {
        seeds += 1
        if result.failure != nil { failedSeeds.append(result.seed) }
        for (figure, value) in result.figures {
            figures[figure] = figure.isWorst ? max(figures[figure] ?? 0, value) : (figures[figure] ?? 0) + value
        }
        faultsByKind.merge(result.faultsByKind, uniquingKeysWith: +)
    }

    private subscript(figure: SimulationFigure) -> Int { figures[figure] ?? 0 }

    /// A few lines for people.
    ///
    /// - Parameter seconds: How long it took.
    public func lines(seconds: Double) -> [String] {
        let simulated = Double(self[.milliseconds]) / 1000
        let faults = faultsByKind.values.reduce(0, +)
        return [
            "\(seeds) seeds, \(failedSeeds.count) failed; \(Self.text(simulated)) of simulated time in "
                + "\(Self.text(seconds)), \(Int(simulated / max(seconds, 0.001))) times as fast; "
                + "\(Self.rate(Double(seeds) / max(seconds, 0.001))) seeds a second",
            "\(self[.steps]) steps, \(self[.elections]) elections, \(self[.entries]) entries, \(self[.writes]) writes, "
                + "\(self[.reads]) reads, \(self[.operations]) operations checked for linearizability",
            "\(self[.starts]) starts of nodes, \(self[.snapshotsSaved]) snapshots saved, "
                + "\(self[.snapshotsInstalled]) installed, \(self[.replacedNodes]) nodes replaced, "
                + "\(self[.refusedLogs]) logs refused, \(self[.machineStarts]) machine starts",
            "\(self[.plans]) plans, after which \(self[.plannedSteps]) works and placements came as planned",
            "after the last fault a leader was there within \(self[.leaderMilliseconds]) ms, every user served within "
                + "\(self[.serviceMilliseconds]) ms, and everything as wanted within "
                + "\(self[.convergenceMilliseconds]) ms",
            "\(faults) faults:",
        ] + faultsByKind.sorted { $0.key < $1.key }.map { "  \($0.value) x \($0.key.rawValue)" }
    }

    private static func rate(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func text(_ seconds: Double) -> String {
        let whole = Int(seconds)
        return switch whole {
        case ..<120: "\(rate(seconds)) s"
        case ..<7200: "\(whole / 60) min"
        case ..<(3 * 86_400): "\(whole / 3600) h \(whole / 60 % 60) min"
        case ..<(2 * 31_557_600): "\(whole / 86_400) days"
        default: "\(rate(seconds / 31_557_600)) years"
        }
    }
}
