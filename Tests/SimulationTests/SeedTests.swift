import Testing

@testable import Simulation

@Suite("Clusters keep their promises")
struct SeedTests {
    @Test(
        "a cluster with as many nodes as its seed gives keeps its promises under all faults",
        arguments: 1...10 as ClosedRange<UInt64>)
    func anySize(seed: UInt64) { check(seed, .usual(nodes: SimulationOptions.nodes(of: seed))) }

    @Test("a cluster of three nodes keeps its promises under all faults", arguments: 101...104 as ClosedRange<UInt64>)
    func threeNodes(seed: UInt64) { check(seed, .usual(nodes: 3)) }

    @Test("a cluster of one node keeps its promises under all faults", arguments: 101...102 as ClosedRange<UInt64>)
    func oneNode(seed: UInt64) { check(seed, .usual(nodes: 1)) }

    @Test("a cluster of five nodes keeps its promises under all faults", arguments: 101...102 as ClosedRange<UInt64>)
    func fiveNodes(seed: UInt64) { check(seed, .usual(nodes: 5)) }

    @Test("a perfect world has no faults, and every user is served")
    func perfectWorld() {
        var options = SimulationOptions.usual(nodes: 3)
        options.faultMilliseconds = 30_000
        options.strengthPercent = 0
        options.convergenceMilliseconds = 60_000
        var run = SimulationRun(seed: 3, options: options)
        let report = run.run()
        #expect(report.violations == [])
        #expect(report.faultsByKind == [:])
        #expect(report[.writes] > 10 && report[.reads] > 1 && report[.machineStarts] > 0)
        // Writes of sets are in a ledger of their own.
        #expect(report[.operations] > report[.reads])
        // Whoever leads first leads to the end.
        #expect(report[.elections] == 1)
    }

    @Test("every kind of fault happens in some seeds")
    func everyKind() {
        var totals = SimulationTotals()
        for seed in 201...300 as ClosedRange<UInt64> {
            var options = SimulationOptions.usual(nodes: 3)
            options.strengthPercent = 300
            options.faultMilliseconds = 30_000
            var run = SimulationRun(seed: seed, options: options)
            totals.add(SeedResult(run.run()))
        }
        #expect(totals.failedSeeds == [])
        for kind in FaultKind.allCases { #expect(totals.faultsByKind[kind, default: 0] > 0, "\(kind) never happened") }
    }

    @Test("a kind of fault that is left out does not happen", arguments: byTheWay)
    func leftOut(kind: FaultKind) {
        for seed in 201...204 as ClosedRange<UInt64> {
            var options = SimulationOptions.usual(nodes: 3)
            options.strengthPercent = 300
            options.faultMilliseconds = 15_000
            options.pick.withoutKinds = [kind]
            var run = SimulationRun(seed: seed, options: options)
            let report = run.run()
            #expect(report.violations == [])
            #expect(report.faultsByKind[kind] == nil, "seed \(seed)")
        }
    }

    /// Strikes are left out of the schedule itself.
    private static let byTheWay = FaultKind.allCases.filter {
        !FaultKind.striking.contains($0) && !FaultKind.consequences.contains($0)
    }

    private func check(_ seed: UInt64, _ options: SimulationOptions) {
        var run = SimulationRun(seed: seed, options: options)
        let report = run.run()
        #expect(
            report.violations == [], "replay: blixard-simulate --seed \(seed) --nodes \(options.nodes) --trace")
        #expect(report.convergenceMilliseconds != nil)
    }
}
