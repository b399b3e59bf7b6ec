/// What a simulator is asked for on its command line.
public struct SimulationRequest: Equatable, Sendable {
    /// The first seed.
    public var seed: UInt64 = 1
    /// How many, each one more than the one before; nil runs until the time is over.
    public var seeds: Int? = 1
    /// When no more seeds are begun; nil is never.
    public var seconds: Double?
    /// How long one may take before it counts as hung: a thousand times as long as most.
    public var patienceSeconds = 180
    /// How many run at once, each in a process of its own.
    public var jobs = 1
    /// The size of every cluster; nil lets each seed draw its own.
    public var nodes: Int?
    public var faultMilliseconds: Int64?
    public var strengthPercent: Int?
    public var plantedBug: PlantedBug?
    /// What of each seed's schedule is carried out.
    public var pick = SchedulePick()
    /// Prints everything that happens, and nothing else runs beside it.
    public var trace = false
    /// Prints the digest of each seed's trace.
    public var digests = false
    /// Whether the schedules of failed seeds are made smaller.
    public var shrinks = true
    /// Whether this is a process that another one started, which reads its lines.
    public var isWorker = false

    public init() {}

    /// What seeds can be: so many less than all that the last of a range is one too.
    static let seedRange: ClosedRange<UInt64> = 0...UInt64.max - UInt64(mostSeeds)
    static let mostSeeds = 1_000_000_000

    /// The seeds, ascending; without a number of them as many as there can be.
    var seedNumbers: Range<UInt64> { seed..<seed + UInt64(seeds ?? Self.mostSeeds) }

    func options(for seed: UInt64) -> SimulationOptions {
        var options = SimulationOptions.usual(nodes: nodes ?? SimulationOptions.nodes(of: seed))
        options.faultMilliseconds = faultMilliseconds ?? options.faultMilliseconds
        options.strengthPercent = strengthPercent ?? options.strengthPercent
        options.plantedBug = plantedBug
        options.pick = pick
        return options
    }

    /// The command line that shows one seed again.
    func replay(of seed: UInt64) -> String {
        var request = self
        request.nodes = options(for: seed).nodes
        return (request.arguments(for: seed) + ["--trace"]).joined(separator: " ")
    }

    /// The command line that asks for one seed again.
    func arguments(for seed: UInt64) -> [String] {
        var words = ["--seed", "\(seed)"]
        if let nodes { words += ["--nodes", "\(nodes)"] }
        if let faultMilliseconds { words += ["--fault-milliseconds", "\(faultMilliseconds)"] }
        if let strengthPercent { words += ["--strength", "\(strengthPercent)"] }
        if let plantedBug { words += ["--bug", plantedBug.rawValue] }
        if let users = pick.users { words += ["--users", "\(users)"] }
        if !pick.withoutKinds.isEmpty {
            words += ["--without", pick.withoutKinds.sorted().map(\.word).joined(separator: ",")]
        }
        if let strikes = pick.strikes {
            words += ["--strikes", strikes.isEmpty ? "none" : strikes.sorted().map { "\($0)" }.joined(separator: ",")]
        }
        return words
    }
}
