import Glibc
import Host
import Primitives

/// What `blixard-simulate` and `blixard simulate` do: many seeds, with a few lines for each that breaks a promise.
public enum SimulationCommandLine {
    /// A program's whole life: reads its words, runs, and answers with what it exits.
    ///
    /// - Parameters:
    ///   - words: Without the program's own name.
    ///   - prefix: What comes before them when this program starts itself again.
    ///   - write: Takes one line.
    public static func run(_ words: [String], as prefix: [String], write: (String) -> Void) -> Int32 {
        do throws(SimulationUsageError) {
            guard var request = try SimulationRequest(words, fresh: { UInt64.random(in: 1...UInt64.max / 2) }) else {
                write(SimulationRequest.help)
                return 0
            }
            request.workerPrefix = prefix
            return run(request, write: write)
        } catch {
            write("error: \(error); see --help")
            return 64
        }
    }

    /// - Returns: 0 if every promise held, 1 if not.
    public static func run(_ request: SimulationRequest, write: (String) -> Void) -> Int32 {
        if request.isWorker { return work(request, write: write) }
        if request.trace || request.digests { return show(request, write: write) }
        do throws(HostError) {
            return try search(request, write: write)
        } catch {
            write("error: \(error)")
            return 71
        }
    }

    private static func seeds(of request: SimulationRequest) -> Range<UInt64> {
        request.seed..<request.seed &+ UInt64(request.seeds ?? 1)
    }

    // MARK: In this process

    /// Tells of each seed before and after, for the process that started this one.
    private static func work(_ request: SimulationRequest, write: (String) -> Void) -> Int32 {
        for seed in seeds(of: request) {
            write(SeedWorker.beginPrefix + "\(seed)")
            var run = SimulationRun(seed: seed, options: request.options(for: seed))
            write(SeedResult(run.run()).line)
        }
        return 0
    }

    /// Everything that happens, or its digest.
    private static func show(_ request: SimulationRequest, write: (String) -> Void) -> Int32 {
        var hasFailed = false
        for seed in seeds(of: request) {
            var run = SimulationRun(seed: seed, options: request.options(for: seed))
            let report = run.run()
            for line in report.trace { write(line) }
            write(report.summary)
            if request.digests { write("seed \(seed) trace \(String(report.traceDigest, radix: 16))") }
            hasFailed = hasFailed || !report.violations.isEmpty
        }
        return hasFailed ? 1 : 0
    }

    // MARK: In many processes

    /// How many failed seeds are made smaller, and how many runs each may cost.
    private static let shrunkSeeds = 5
    private static let shrinkTrials = 400
    private static let progressMilliseconds: Int64 = 60_000

    private static func search(_ request: SimulationRequest, write: (String) -> Void) throws(HostError) -> Int32 {
        let start = SystemClock.now()
        let deadline = request.seconds.map { start + Int64($0 * 1000) }
        write("first seed \(request.seed), \(request.jobs) at a time")
        var totals = SimulationTotals()
        var failures: [SeedResult] = []
        var toldAt = start
        try SeedPool(request: request).run(until: deadline) { result in
            totals.add(result)
            if let failure = result.failure {
                if failures.count < 100 { failures.append(result) }
                write("seed \(result.seed) FAILED: \(failure.what): \(failure.details)")
                write("  replay: blixard-simulate \(replay(request, result.seed))")
            }
            if SystemClock.now() - toldAt >= progressMilliseconds {
                toldAt = SystemClock.now()
                write("... \(totals.seeds) seeds in \((toldAt - start) / 1000) s")
            }
        }
        let seconds = Double(SystemClock.now() - start) / 1000
        if request.shrinks { for failure in failures.prefix(shrunkSeeds) { shrink(failure, request, write: write) } }
        for line in totals.lines(seconds: seconds) { write(line) }
        if !totals.failedSeeds.isEmpty {
            write("failed seeds: " + totals.failedSeeds.prefix(100).map { "\($0)" }.joined(separator: " "))
        }
        return totals.failedSeeds.isEmpty ? 0 : 1
    }

    private static func replay(_ request: SimulationRequest, _ seed: UInt64) -> String {
        var request = request
        request.nodes = request.options(for: seed).nodes
        return (request.arguments(for: seed) + ["--trace"]).joined(separator: " ")
    }

    private static func shrink(_ failure: SeedResult, _ request: SimulationRequest, write: (String) -> Void) {
        var shrinker = ScheduleShrinker(request, failure: failure, trials: shrinkTrials) { candidate in
            // A seed that can't be run again is not made smaller.
            try? SeedPool(request: candidate).runOne()
        }
        shrinker.shrink()
        write("seed \(failure.seed), made smaller: \(shrinker.failure.failure?.details ?? "")")
        for line in shrinker.lines { write(line) }
        write("  replay: blixard-simulate \(replay(shrinker.request, failure.seed))")
    }
}
