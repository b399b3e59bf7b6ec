import Primitives

/// What a simulation is asked for, beside its seed.
public struct SimulationOptions: Equatable, Sendable {
    /// How many nodes the cluster has: 1 to 9.
    public var nodes: Int
    /// How long faults go on, in simulated milliseconds.
    public var faultMilliseconds: Int64
    /// How hard the faults are: 0 is a perfect world, 100 the usual, above that worse.
    public var strengthPercent: Int
    /// How long after the last fault everything may take to become as it is wanted, in simulated milliseconds.
    public var convergenceMilliseconds: Int64
    public var plantedBug: PlantedBug?
    /// Whether the report holds the trace's lines; its digest is always there.
    public var keepsTrace: Bool
    /// What is left of the seed's schedule.
    public var pick = SchedulePick()

    /// Schedules are drawn up to here, so that a shorter run has the same beginning.
    static let longestFaultMilliseconds: Int64 = 600_000

    public init(
        nodes: Int, faultMilliseconds: Int64, strengthPercent: Int, convergenceMilliseconds: Int64,
        plantedBug: PlantedBug?, keepsTrace: Bool
    ) {
        precondition((1...9).contains(nodes), "\(nodes) nodes")
        precondition(
            (0...Self.longestFaultMilliseconds).contains(faultMilliseconds) && strengthPercent >= 0,
            "\(faultMilliseconds) ms, \(strengthPercent) %")
        self.nodes = nodes
        self.faultMilliseconds = faultMilliseconds
        self.strengthPercent = strengthPercent
        self.convergenceMilliseconds = convergenceMilliseconds
        self.plantedBug = plantedBug
        self.keepsTrace = keepsTrace
    }

    /// A minute of the usual faults, and time enough for a machine that crashed again and again to be tried once more.
    public static func usual(nodes: Int) -> SimulationOptions {
        SimulationOptions(
            nodes: nodes, faultMilliseconds: 60_000, strengthPercent: 100, convergenceMilliseconds: 900_000,
            plantedBug: nil, keepsTrace: false)
    }

    /// The size of the cluster that a seed has unless it is told: mostly three or five nodes.
    public static func nodes(of seed: UInt64) -> Int {
        var generator = SeededGenerator(seed: seed ^ 0x6e6f_6465_7300_0000)
        return generator.element(of: [1, 2, 3, 3, 3, 3, 3, 4, 5, 5])
    }
}
