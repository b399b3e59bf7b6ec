import Testing

@testable import Simulation

@Suite("A failing schedule is made smaller")
struct ShrinkingTests {
    @Test("until hardly anything is left of it, and what is left fails in the same way")
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
        var shrinker = ScheduleShrinker(request, failure: failing, trials: 120, run: run)
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
            ["--seed"], ["--seed", "x"], ["--jobs", "0"], ["--without", "rain"], ["--bug", "none"], ["7"],
        ] {
            #expect(throws: SimulationUsageError.self) { try SimulationRequest(words, fresh: { 0 }) }
        }
        #expect(try SimulationRequest(["--help"], fresh: { 0 }) == nil)
        let request = try #require(try SimulationRequest(["--minutes", "2", "--fresh", "--jobs", "2"], fresh: { 77 }))
        #expect(request.seed == 77 && request.seconds == 120 && request.seeds == nil && request.jobs == 2)
        for kind in FaultKind.allCases { #expect(FaultKind(word: kind.word) == kind) }
    }
}
