import Host
import Testing

@testable import Simulation

@Suite("Other processes")
struct HashSeedTests {
    @Test(
        "T46: hash tables that are seeded otherwise, or not at all, change no state on any node and no byte of a trace",
        arguments: [3, 14] as [UInt64])
    func otherHashSeeds(seed: UInt64) async throws {
        var options = SimulationOptions.usual(nodes: 3)
        options.faultMilliseconds = 20_000
        var run = SimulationRun(seed: seed, options: options)
        let report = run.run()
        #expect(report.violations == [])
        // State hashes of all nodes at all indexes are part of it, and compared among the nodes besides.
        let line = "seed \(seed) trace \(String(report.traceDigest, radix: 16))"
        // Each process seeds its hash tables by itself, unless it is told not to.
        for variables in [[], [], ["SWIFT_DETERMINISTIC_HASHING=1"]] {
            let output = try await BuiltSimulator.run(
                ["--seed", "\(seed)", "--nodes", "3", "--fault-milliseconds", "20000", "--digests"],
                variables: variables)
            #expect(output.end == .exited(code: 0))
            #expect(output.lines.last.map { String($0) } == line, "\(variables): \(output.text)")
        }
    }
}
