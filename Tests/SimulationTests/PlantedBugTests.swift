import Testing

@testable import Simulation

/// The checks can fail: each mistake put into the shells on purpose is found, by the check that is meant for it.
@Suite("Planted bugs are found")
struct PlantedBugTests {
    /// Faults that bring each to light, so that no test depends on what a seed happens to draw.
    private static let scenarios = [
        Scenario(.acknowledgeBeforeSync, [], every: 2000) { $0.syncMilliseconds = 20...60 },
        Scenario(.answerBeforeSync, [], every: 2000) { $0.syncMilliseconds = 20...60 },
        Scenario(.requestVotesBeforeSync, [.isolatedLeader], every: 8000) { $0.syncMilliseconds = 20...60 },
        Scenario(.forgetVote, [.isolatedLeader], every: 8000) { _ in },
        Scenario(.grantRefusedVotes, [.isolatedLeader], every: 8000) { $0.wayMilliseconds = 200...400 },
        Scenario(.spoilEntries, [], every: 2000) { _ in },
        Scenario(.commitAhead, [.isolatedLeader], every: 5000) {
            $0.users = 4
            $0.thinkMilliseconds = 50
        },
        Scenario(.spoilSnapshots, [.isolatedNode], every: 5000, Self.snapshotsSoon),
        Scenario(.snapshotWithoutMembership, [.isolatedNode], every: 5000, Self.snapshotsSoon),
        Scenario(.rolledBackDisk, [.crash], every: 3000) { _ in },
        Scenario(.syncNothing, [.hostReboot], every: 3000) { $0.survivalPerMille = 0 },
        Scenario(.syncNoDirectory, [.hostReboot], every: 3000) {
            Self.snapshotsSoon(&$0)
            $0.survivalPerMille = 0
        },
        Scenario(.goOnAfterFailedSync, [.failedSync, .hostReboot], every: 1000) { $0.survivalPerMille = 0 },
        Scenario(.acceptDamage, [.bitRot, .crash], every: 3000) { $0.snapshotEntries = 10_000 },
        Scenario(.reuseIdentity, [.lostDisk], every: 5000) { _ in },
        Scenario(.readWithoutQuorum, [.isolatedNode], every: 4000) {
            $0.users = 4
            $0.thinkMilliseconds = 50
        },
        Scenario(.retryAsNewRequest, [], every: 2000) { $0.lostAnswerPerMille = 300 },
        Scenario(.startElsewhereToo, [], every: 2000) { _ in },
        Scenario(.startWithoutCatchingUp, [.crash], every: 4000, Self.snapshotsSoon),
        Scenario(.startUnderNextEpoch, [], every: 2000) { _ in },
        Scenario(.keepDeletedMachines, [], every: 2000) { $0.users = 4 },
        Scenario(.loseDriverAnswers, [], every: 2000) { $0.users = 4 },
        // Machines that its last snapshot does not know are all that it has started since.
        Scenario(.deleteStrangers, [.crash], every: 5000) { $0.snapshotEntries = 20 },
        Scenario(.liftSetGuards, [], every: 2000) { $0.thinkMilliseconds = 100 },
        Scenario(.applyOtherSet, [], every: 2000) { $0.thinkMilliseconds = 100 },
        Scenario(.halfASet, [], every: 2000) { $0.thinkMilliseconds = 100 },
        Scenario(.fetchOlderCommit, [], every: 2000) { _ in },
        Scenario(.planForgetsHistory, [.machineCrash, .failedStart], every: 300) { $0.users = 4 },
        Scenario(.planForgetsNode, [], every: 2000) { $0.users = 4 },
    ]

    @Sendable private static func snapshotsSoon(_ swarm: inout Swarm) {
        swarm.snapshotEntries = 8
        swarm.trailingEntries = 0
        swarm.users = 4
        swarm.thinkMilliseconds = 300
    }

    @Test("each planted bug is found by faults that bring it to light", arguments: scenarios)
    func found(scenario: Scenario) throws {
        let found = try #require(scenario.search(seeds: 8), "\(scenario) went unnoticed")
        #expect(Self.expected(scenario.bug).contains(found.promise), "\(scenario): \(found)")
    }

    @Test("every planted bug has a scenario, but for those that end the program")
    func complete() {
        #expect(Set(Self.scenarios.map(\.bug)) == Set(PlantedBug.allCases).subtracting([.trap, .hang]))
    }

    @Test("the same faults without a planted bug break no promise", arguments: scenarios)
    func sound(scenario: Scenario) {
        var without = scenario
        without.bug = .trap
        #expect(without.search(seeds: 1) == nil)
    }

    static func expected(_ bug: PlantedBug) -> Set<Violation.Promise> {
        switch bug {
        case .acknowledgeBeforeSync, .answerBeforeSync, .requestVotesBeforeSync, .forgetVote, .rolledBackDisk,
            .syncNothing, .syncNoDirectory, .reuseIdentity, .goOnAfterFailedSync:
            [.durability]
        // A node whose log was cut in its middle may also be unable to start again.
        case .acceptDamage: [.durability, .convergence]
        case .grantRefusedVotes: [.electionSafety, .leaderCompleteness]
        case .spoilEntries: [.logMatching]
        case .commitAhead: [.stateMachineSafety]
        case .spoilSnapshots: [.stateEquality]
        case .readWithoutQuorum: [.reads, .linearizability]
        case .retryAsNewRequest: [.writes]
        case .snapshotWithoutMembership: [.membership, .convergence, .leadership]
        case .startElsewhereToo: [.oneMachine]
        case .startWithoutCatchingUp, .startUnderNextEpoch: [.boundStart]
        case .keepDeletedMachines, .loseDriverAnswers: [.convergence]
        case .deleteStrangers: [.wantedDeletion]
        case .liftSetGuards, .applyOtherSet, .halfASet: [.sets]
        case .fetchOlderCommit: [.sources]
        case .planForgetsHistory, .planForgetsNode: [.plan]
        case .trap, .hang: []
        }
    }
}
