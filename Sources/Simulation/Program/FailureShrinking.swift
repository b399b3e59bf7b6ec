import Host
import Primitives

/// Makes the schedules of the first failed seeds smaller, each run in a process of its own, in bounded time.
struct FailureShrinking {
    let request: SimulationRequest
    private let deadline: Instant

    /// How many failed seeds are made smaller, and how many runs each may cost.
    static let mostSeeds = 5
    private static let mostTrials = 400
    /// How long it takes altogether, but for the last run.
    private static let milliseconds: Int64 = 180_000
    /// How long one run may take: a seed that hangs, hangs in most of its trials.
    private static let patienceSeconds = 10

    init(request: SimulationRequest) {
        self.request = request
        deadline = SystemClock.now() + Self.milliseconds
    }

    func shrink(_ failures: [SeedResult], write: (String) -> Void) {
        for failure in failures where SystemClock.now() < deadline { shrink(failure, write: write) }
    }

    private func shrink(_ failure: SeedResult, write: (String) -> Void) {
        var request = request
        request.patienceSeconds = min(Self.patienceSeconds, request.patienceSeconds)
        let deadline = deadline
        var shrinker = ScheduleShrinker(
            request, failure: failure, trials: Self.mostTrials, until: { SystemClock.now() >= deadline },
            run: { candidate in
                // A seed that can't be run again is not made smaller.
                try? SeedPool(request: candidate).runOne()
            })
        shrinker.shrink()
        write("seed \(failure.seed), made smaller: \(shrinker.failure.failure?.details ?? "")")
        for line in shrinker.lines { write(line) }
        write("  replay: blixard-simulate \(shrinker.request.replay(of: failure.seed))")
    }
}
