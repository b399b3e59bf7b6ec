import Host
import Testing

@testable import Simulation

@Suite("The simulator as a program")
struct ProgramTests {
    private static let short = ["--nodes", "1", "--fault-milliseconds", "1000"]

    @Test("a seed that traps is told by its number, and the others are run")
    func trap() async throws {
        let output = try await BuiltSimulator.run(
            Self.short + ["--seed", "3", "--seeds", "7", "--jobs", "2", "--bug", "trap", "--no-shrink"])
        #expect(output.end == .exited(code: 1))
        for seed in 3...9 {
            #expect(output.text.contains("seed \(seed) FAILED: the program goes on: ") == (seed % 4 == 0), "\(seed)")
        }
        #expect(output.text.contains("7 seeds, 2 failed"))
        #expect(["failed seeds: 4 8", "failed seeds: 8 4"].contains(output.lines.last), "\(output.text)")
        #expect(output.text.contains("the planted bug of seed 4") || output.text.contains("precondition failure"))
    }

    @Test("a seed that hangs is ended, told by its number and made no smaller for long, and the others are run")
    func hang() async throws {
        let output = try await BuiltSimulator.run(
            Self.short + ["--seed", "3", "--seeds", "4", "--bug", "hang", "--patience", "10", "--no-shrink"])
        #expect(output.end == .exited(code: 1))
        #expect(output.text.contains("seed 4 FAILED: the run ends: seed 4 was not done after 10000 ms"))
        #expect(output.text.contains("4 seeds, 1 failed"))
        #expect(output.lines.last == "failed seeds: 4")
    }

    @Test("the totals of all seeds are printed before a failure is made smaller")
    func totalsFirst() async throws {
        let output = try await BuiltSimulator.run(
            Self.short + ["--seed", "1", "--bug", "spoilEntries", "--nodes", "2", "--users", "0"])
        #expect(output.end == .exited(code: 1))
        let totals = try #require(output.lines.firstIndex { $0.hasPrefix("1 seeds, 1 failed") })
        let failed = try #require(output.lines.firstIndex { $0 == "failed seeds: 1" })
        let smaller = try #require(output.lines.firstIndex { $0.hasPrefix("seed 1, made smaller:") })
        #expect(totals < failed && failed < smaller)
    }

    @Test("a trace is told up to the moment at which the program traps")
    func traceOfTrap() async throws {
        let output = try await BuiltSimulator.run(Self.short + ["--seed", "4", "--bug", "trap", "--trace"])
        guard case .signalled(_) = output.end else {
            Issue.record("it went on: \(output.end)")
            return
        }
        #expect(output.lines.first { $0.contains("node-1 starts at index 0") } != nil)
        #expect(output.lines.first { $0.hasSuffix(" faults end") } != nil)
    }

    @Test("seeds that are not begun when the time is over are no failures")
    func time() async throws {
        let words = Self.short + ["--seeds", "1000000", "--seconds", "1"]
        let worker = try await BuiltSimulator.run(words + ["--worker"])
        #expect(worker.end == .exited(code: 0))
        #expect(worker.lines.last == "end")
        let begun = worker.lines.count { $0.hasPrefix("begin ") }
        #expect(begun < 1_000_000 && begun == worker.lines.count { $0.hasPrefix("result ") })
        let whole = try await BuiltSimulator.run(words + ["--jobs", "2"])
        #expect(whole.end == .exited(code: 0))
        #expect(whole.text.contains(" seeds, 0 failed"))
    }
}
