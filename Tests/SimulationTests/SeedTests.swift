import Simulation
import Testing

@Suite("Clusters keep their promises")
struct SeedTests {
    @Test("three nodes under all faults", arguments: 1...16 as ClosedRange<UInt64>)
    func threeNodes(seed: UInt64) { check(seed, .usual(nodes: 3)) }

    @Test("one node under all faults", arguments: 1...6 as ClosedRange<UInt64>)
    func oneNode(seed: UInt64) { check(seed, .usual(nodes: 1)) }

    @Test("five nodes under all faults", arguments: 1...6 as ClosedRange<UInt64>)
    func fiveNodes(seed: UInt64) { check(seed, .usual(nodes: 5)) }

    @Test("a perfect world has no faults, and every user is served")
    func perfectWorld() {
        var run = SimulationRun(
            seed: 3,
            options: SimulationOptions(
                nodes: 3, faultMilliseconds: 30_000, strengthPercent: 0, convergenceMilliseconds: 60_000,
                plantedBug: nil, keepsTrace: false))
        let report = run.run()
        #expect(report.violations == [])
        #expect(report.faultsByKind == [:])
        #expect(report.writes > 10 && report.reads > 1 && report.machineStarts > 0)
        // Whoever leads first leads to the end.
        #expect(report.elections == 1)
    }

    private func check(_ seed: UInt64, _ options: SimulationOptions) {
        var run = SimulationRun(seed: seed, options: options)
        let report = run.run()
        #expect(
            report.violations == [],
            "replay: blixard simulate --seed \(seed) --seeds 1 --nodes \(options.nodes) --trace")
        #expect(report.convergenceMilliseconds != nil)
    }
}
