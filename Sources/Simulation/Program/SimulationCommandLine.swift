import Glibc
import Host
import Primitives

/// What `blixard-simulate` does: many seeds, with a few lines for each that breaks a promise.
public enum SimulationCommandLine {
    /// A program's whole life: reads its words, runs, and answers with what it exits.
    ///
    /// - Parameters:
    ///   - words: Without the program's own name.
    ///   - write: Takes one line.
    public static func run(_ words: [String], write: (String) -> Void) -> Int32 {
        do throws(SimulationUsageError) {
            guard let request = try SimulationRequest(words, fresh: { UInt64.random(in: 1...UInt64.max / 2) }) else {
                write(SimulationRequest.help)
                return 0
            }
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

    // MARK: In this process

    /// Tells of each seed before and after, for the process that started this one.
    private static func work(_ request: SimulationRequest, write: (String) -> Void) -> Int32 {
        let deadline = request.seconds.map { SystemClock.now() + Int64($0 * 1000) }
        for seed in request.seedNumbers {
            if let deadline, SystemClock.now() >= deadline { break }
            write(SeedWorker.beginPrefix + "\(seed)")
            var run = SimulationRun(seed: seed, options: request.options(for: seed))
            write(SeedResult(run.run()).line)
        }
        write(SeedWorker.endLine)
        return 0
    }

    /// Everything that happens, or its digest.
    private static func show(_ request: SimulationRequest, write: (String) -> Void) -> Int32 {
        var hasFailed = false
        for seed in request.seedNumbers.prefix(request.seeds ?? 1) {
            let report = report(seed, request, write: write)
            write(report.summary)
            if request.digests { write("seed \(seed) trace \(String(report.traceDigest, radix: 16))") }
            hasFailed = hasFailed || !report.violations.isEmpty
        }
        return hasFailed ? 1 : 0
    }

    private static func report(
        _ seed: UInt64, _ request: SimulationRequest, write: (String) -> Void
    ) -> SimulationReport {
        let options = request.options(for: seed)
        guard request.trace else {
            var run = SimulationRun(seed: seed, options: options)
            return run.run()
        }
        return withoutActuallyEscaping(write) { write in
            var run = SimulationRun(seed: seed, options: options, traceSink: write)
            return run.run()
        }
    }

    // MARK: In many processes

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
                if failures.count < FailureShrinking.mostSeeds { failures.append(result) }
                write("seed \(result.seed) FAILED: \(failure.what): \(failure.details)")
                write("  replay: blixard-simulate \(request.replay(of: result.seed))")
            }
            if SystemClock.now() - toldAt >= progressMilliseconds {
                toldAt = SystemClock.now()
                write("... \(totals.seeds) seeds in \((toldAt - start) / 1000) s")
            }
        }
        for line in totals.lines(seconds: Double(SystemClock.now() - start) / 1000) { write(line) }
        guard !totals.failedSeeds.isEmpty else { return 0 }
        write("failed seeds: " + totals.failedSeeds.prefix(100).map { "\($0)" }.joined(separator: " "))
        // Last, because it takes its time and the user may not want to wait for it.
        if request.shrinks { FailureShrinking(request: request).shrink(failures, write: write) }
        return 1
    }
}
