import Primitives

@testable import Simulation

extension SimulationRun {
    /// A run in which nothing goes wrong but these strikes, and what the caller makes of the swarm.
    static func perfect(
        seed: UInt64, _ options: SimulationOptions, strikes: [SimulationSchedule.Strike],
        _ change: (inout Swarm) -> Void
    ) -> SimulationRun {
        var generator = SeededGenerator(seed: seed)
        var swarm = Swarm(drawnFrom: &generator, strengthPercent: 0)
        swarm.gatherMilliseconds = 0
        change(&swarm)
        return SimulationRun(
            seed: seed, options: options, schedule: SimulationSchedule(swarm: swarm, strikes: strikes), traceSink: nil)
    }

    static func perfect(nodes: Int, strikes: [SimulationSchedule.Strike]) -> SimulationRun {
        perfect(seed: 1, .patient(nodes: nodes), strikes: strikes) { _ in }
    }
}

extension SimulationOptions {
    /// In a world without chance everything is soon as it is wanted.
    static func patient(nodes: Int) -> SimulationOptions {
        var options = SimulationOptions.usual(nodes: nodes)
        options.strengthPercent = 0
        options.convergenceMilliseconds = 100_000
        return options
    }
}

/// A mistake together with the faults that bring it to light, one after the other, and a world in which they do.
struct Scenario: CustomStringConvertible, Sendable {
    var bug: PlantedBug
    var strikes: [FaultKind]
    var everyMilliseconds: Int64 = 2000
    var change: @Sendable (inout Swarm) -> Void

    init(
        _ bug: PlantedBug, _ strikes: [FaultKind], every milliseconds: Int64,
        _ change: @escaping @Sendable (inout Swarm) -> Void
    ) {
        self.bug = bug
        self.strikes = strikes
        everyMilliseconds = milliseconds
        self.change = change
    }

    var description: String { bug.rawValue }

    /// The first violation in a few seeds, each with its own chance.
    func search(seeds: Int) -> Violation? {
        for seed in 1...UInt64(seeds) {
            var options = SimulationOptions.patient(nodes: 3)
            options.plantedBug = bug
            options.convergenceMilliseconds = 400_000
            var generator = SeededGenerator(seed: seed)
            var schedule: [SimulationSchedule.Strike] = []
            while !strikes.isEmpty, Int64(schedule.count + 1) * everyMilliseconds < options.faultMilliseconds {
                schedule.append(
                    SimulationSchedule.Strike(
                        number: schedule.count + 1, afterMilliseconds: Int64(schedule.count + 1) * everyMilliseconds,
                        kind: strikes[schedule.count % strikes.count], chance: generator.next()))
            }
            var run = SimulationRun.perfect(seed: seed, options, strikes: schedule, change)
            if let violation = run.run().violations.first { return violation }
        }
        return nil
    }
}
