import Simulation
import Testing

/// The checks can fail: each mistake put into the shells on purpose is found within a bounded number of seeds.
@Suite("Planted bugs are found")
struct PlantedBugTests {
    @Test(
        "under faults",
        arguments: [
            (PlantedBug.acknowledgeBeforeSync, 2), (.answerBeforeSync, 2), (.requestVotesBeforeSync, 2),
            (.forgetVote, 2), (.rolledBackDisk, 10), (.syncNothing, 40), (.syncNoDirectory, 60),
            (.reuseIdentity, 20), (.readWithoutQuorum, 20), (.retryAsNewRequest, 10), (.startWithoutCatchingUp, 20),
            (.deleteStrangers, 30),
        ])
    func underFaults(bug: PlantedBug, seeds: Int) {
        let found = Self.search(bug, strengthPercent: 100, seeds: seeds)
        #expect(found != nil, "\(bug) went unnoticed in \(seeds) seeds")
        guard let found else { return }
        #expect(Self.expected(bug).contains(found.promise), "\(found)")
    }

    @Test("in a perfect world", arguments: [PlantedBug.startElsewhereToo, .keepDeletedMachines, .loseDriverAnswers])
    func withoutFaults(bug: PlantedBug) {
        let found = Self.search(bug, strengthPercent: 0, seeds: 6)
        #expect(found != nil, "\(bug) went unnoticed")
        guard let found else { return }
        #expect(Self.expected(bug).contains(found.promise), "\(found)")
    }

    @Test("and so are the rare ones, in seeds that show them")
    func rare() {
        for (bug, first, seeds) in [
            (PlantedBug.goOnAfterFailedSync, 57, 30), (.acceptDamage, 26, 20), (.snapshotWithoutMembership, 1, 20),
        ] {
            let found = Self.search(bug, strengthPercent: 100, from: UInt64(first), seeds: seeds)
            #expect(
                found.map { Self.expected(bug).contains($0.promise) } == true, "\(bug): \(String(describing: found))")
        }
    }

    /// The first violation in the first seeds.
    static func search(_ bug: PlantedBug, strengthPercent: Int, from first: UInt64 = 1, seeds: Int) -> Violation? {
        for seed in first..<first + UInt64(seeds) {
            var options = SimulationOptions.usual(nodes: 3)
            options.strengthPercent = strengthPercent
            options.convergenceMilliseconds = strengthPercent == 0 ? 60_000 : 400_000
            options.plantedBug = bug
            var run = SimulationRun(seed: seed, options: options)
            if let violation = run.run().violations.first { return violation }
        }
        return nil
    }

    static func expected(_ bug: PlantedBug) -> Set<Violation.Promise> {
        switch bug {
        case .acknowledgeBeforeSync, .answerBeforeSync, .requestVotesBeforeSync, .forgetVote, .rolledBackDisk,
            .syncNothing, .syncNoDirectory, .reuseIdentity, .goOnAfterFailedSync, .acceptDamage:
            [.durability]
        case .readWithoutQuorum: [.reads, .linearizability]
        case .retryAsNewRequest: [.writes]
        case .snapshotWithoutMembership: [.membership, .convergence, .leadership]
        case .startElsewhereToo: [.oneMachine]
        case .startWithoutCatchingUp: [.boundStart]
        case .keepDeletedMachines, .loseDriverAnswers: [.convergence]
        case .deleteStrangers: [.wantedDeletion]
        }
    }
}
