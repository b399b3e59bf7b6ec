import Glibc
import Simulation
import Testing

@Suite("Other processes")
struct HashSeedTests {
    @Test(
        "T46: hash tables that are seeded otherwise, or not at all, change no state on any node and no byte of a trace",
        arguments: [3, 14] as [UInt64])
    func otherHashSeeds(seed: UInt64) async throws {
        let here = Self.digest(seed)
        // Each process seeds its hash tables by itself, unless it is told not to.
        setenv("SIMULATED_SEED", "\(seed)", 1)
        for deterministic in [false, false, true] {
            if deterministic { setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1) }
            defer { unsetenv("SWIFT_DETERMINISTIC_HASHING") }
            let result = try await #require(
                processExitsWith: .success, observing: [\.standardOutputContent]
            ) {
                let seed = getenv("SIMULATED_SEED").flatMap { UInt64(String(cString: $0)) } ?? 0
                let line = Array("digest \(HashSeedTests.digest(seed)) hash \("a".hashValue)\n".utf8)
                _ = write(STDOUT_FILENO, line, line.count)
            }
            let output = String(decoding: result.standardOutputContent, as: UTF8.self)
            #expect(output.contains("digest \(here) "), "\(output)")
        }
    }

    /// State hashes of all nodes at all indexes are part of it, and compared among the nodes besides.
    private static func digest(_ seed: UInt64) -> String {
        var options = SimulationOptions.usual(nodes: 3)
        options.faultMilliseconds = 20_000
        var run = SimulationRun(seed: seed, options: options)
        let report = run.run()
        return String(report.traceDigest, radix: 16) + (report.violations.isEmpty ? "" : " violated")
    }
}
