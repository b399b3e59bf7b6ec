import Testing

@testable import Simulation

@Suite("A failing schedule is made smaller")
struct ShrinkingTests {
    @Test("a failing schedule is made smaller until hardly anything is left, which fails in the same way")
    func smallest() throws {
        var request = SimulationRequest()
        request.plantedBug = .rolledBackDisk
        request.nodes = 3
        request.faultMilliseconds = 15_000
        func run(_ request: SimulationRequest) -> SeedResult? {
            var run = SimulationRun(seed: request.seed, options: request.options(for: request.seed))
            return SeedResult(run.run())
        }
        let failing = try #require(
            (1...30 as ClosedRange<UInt64>).lazy.compactMap { seed -> SeedResult? in
                request.seed = seed
                return run(request).flatMap { $0.failure == nil ? nil : $0 }
            }.first)
        var shrinker = ScheduleShrinker(request, failure: failing, trials: 120, until: { false }, run: run)
        let before = shrinker.schedule.strikes.count
        shrinker.shrink()
        #expect(before > 3)
        #expect(shrinker.schedule.strikes.count <= 2)
        #expect(shrinker.failure.failure?.what == failing.failure?.what)
        // The words of its command line ask for the same again.
        let words = shrinker.request.arguments(for: failing.seed)
        let again = try #require(try SimulationRequest(words, fresh: { 0 }))
        #expect(run(again) == shrinker.failure)
    }

    @Test("no more runs are made to make a schedule smaller when the time for it is over")
    func deadline() throws {
        var request = SimulationRequest()
        request.plantedBug = .spoilEntries
        request.nodes = 3
        var run = SimulationRun(seed: request.seed, options: request.options(for: request.seed))
        let failing = SeedResult(run.run())
        var (asked, runs) = (0, 0)
        var shrinker = ScheduleShrinker(
            request, failure: failing, trials: 1000,
            until: {
                asked += 1
                return asked > 7
            },
            run: { _ in
                runs += 1
                return nil
            })
        shrinker.shrink()
        #expect(runs == 7)
        #expect(shrinker.failure == failing)
    }

    @Test("a fault that only follows from other faults is not left out")
    func consequences() throws {
        for kind in FaultKind.consequences {
            #expect(throws: SimulationUsageError.self) {
                try SimulationRequest(["--without", "crash,\(kind.word)"], fresh: { 0 })
            }
        }
        var request = SimulationRequest()
        request.plantedBug = .spoilEntries
        request.nodes = 3
        var run = SimulationRun(seed: request.seed, options: request.options(for: request.seed))
        var left: Set<FaultKind> = []
        var shrinker = ScheduleShrinker(
            request, failure: SeedResult(run.run()), trials: 1000, until: { false },
            run: { candidate in
                left.formUnion(candidate.pick.withoutKinds)
                return nil
            })
        shrinker.shrink()
        #expect(left == Set(FaultKind.allCases).subtracting(FaultKind.consequences))
    }

    @Test("results survive their way between processes")
    func lines() throws {
        var run = SimulationRun(seed: 4, options: .usual(nodes: 1))
        var result = SeedResult(run.run())
        #expect(SeedResult(line: result.line) == result)
        result.failure = SeedResult.Failure(what: "a promise", details: "two\nlines")
        #expect(SeedResult(line: result.line) == result)
        #expect(SeedResult(line: "Fatal error: what a program says when it traps") == nil)
    }

    @Test("words that mean nothing are refused, with what was meant to be there")
    func words() throws {
        for words in [
            ["--seed"], ["--seed", "x"], ["--jobs", "0"], ["--without", "rain"],
            ["--seed", "\(UInt64.max)"], ["--patience", "0"], ["--bug", "none"], ["7"], ["--seed="], ["--without", ""],
            ["--strikes="], ["--trace=1"], ["="],
        ] {
            #expect(throws: SimulationUsageError.self) { try SimulationRequest(words, fresh: { 0 }) }
        }
        #expect(try SimulationRequest(["--help"], fresh: { 0 }) == nil)
        let request = try #require(try SimulationRequest(["--minutes", "2", "--fresh", "--jobs", "2"], fresh: { 77 }))
        #expect(request.seed == 77 && request.seconds == 120 && request.seeds == nil && request.jobs == 2)
        let joined = try #require(try SimulationRequest(["--minutes=2", "--fresh", "--jobs=2"], fresh: { 77 }))
        #expect(joined.arguments(for: 1) == request.arguments(for: 1) && joined.seconds == 120 && joined.jobs == 2)
        for kind in FaultKind.allCases { #expect(FaultKind(word: kind.word) == kind) }
    }
}
