import Simulation
import Testing

/// The checks can fail: each mistake put into the shells on purpose is found within a bounded number of seeds.
@Suite("Planted bugs are found")
struct PlantedBugTests {
    @Test(
        "under faults",
        arguments: [
            (PlantedBug.acknowledgeBeforeSync, 60), (.forgetVote, 20), (.rolledBackDisk, 6), (.readWithoutQuorum, 10),
            (.retryAsNewRequest, 10), (.deleteStrangers, 20),
        ])
    func underFaults(bug: PlantedBug, seeds: Int) {
        let found = search(bug, strengthPercent: 100, seeds: seeds)
        #expect(found != nil, "\(bug) went unnoticed in \(seeds) seeds")
        guard let found else { return }
        #expect(expected(bug).contains(found.promise), "\(found)")
    }

    @Test("in a perfect world", arguments: [PlantedBug.startElsewhereToo, .keepDeletedMachines, .loseDriverAnswers])
    func withoutFaults(bug: PlantedBug) {
        let found = search(bug, strengthPercent: 0, seeds: 6)
        #expect(found != nil, "\(bug) went unnoticed")
        guard let found else { return }
        #expect(expected(bug).contains(found.promise), "\(found)")
    }

    /// The first violation in the first seeds.
    private func search(_ bug: PlantedBug, strengthPercent: Int, seeds: Int) -> Violation? {
        for seed in 1...UInt64(seeds) {
            var run = SimulationRun(
                seed: seed,
                options: SimulationOptions(
                    nodes: 3, faultMilliseconds: 60_000, strengthPercent: strengthPercent,
                    convergenceMilliseconds: strengthPercent == 0 ? 60_000 : 400_000, plantedBug: bug,
                    keepsTrace: false))
            if let violation = run.run().violations.first { return violation }
        }
        return nil
    }

    private func expected(_ bug: PlantedBug) -> Set<Violation.Promise> {
        switch bug {
        case .acknowledgeBeforeSync:
            [.durability, .electionSafety, .logMatching, .stateEquality, .writes, .reads, .convergence]
        case .forgetVote, .rolledBackDisk: [.durability, .electionSafety, .logMatching]
        case .readWithoutQuorum: [.reads]
        case .retryAsNewRequest: [.writes]
        case .startElsewhereToo: [.oneMachine]
        case .keepDeletedMachines, .loseDriverAnswers: [.convergence]
        case .deleteStrangers: [.wantedDeletion]
        }
    }
}
