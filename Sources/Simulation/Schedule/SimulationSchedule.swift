import Primitives

/// Everything that goes wrong in one run by the clock, drawn from its seed before the run begins.
///
/// What is left out of a schedule leaves the rest of it as it was: each strike brings its own chance. That is what lets
/// a schedule that breaks a promise be made smaller, and be replayed from a command line.
struct SimulationSchedule: Equatable, Sendable {
    /// One fault at one moment.
    struct Strike: Equatable, Sendable {
        /// Its number in the whole schedule of the seed.
        var number: Int
        /// Counted from the moment at which faults begin.
        var afterMilliseconds: Int64
        var kind: FaultKind
        /// Where its victim and its strength come from.
        var chance: UInt64
    }

    var swarm: Swarm
    /// Ascending by time.
    var strikes: [Strike]

    init(swarm: Swarm, strikes: [Strike]) {
        self.swarm = swarm
        self.strikes = strikes
    }

    /// The schedule of a seed, without what the options leave out.
    init(seed: UInt64, options: SimulationOptions) {
        var root = SeededGenerator(seed: seed)
        var generator = root.split()
        swarm = Swarm(drawnFrom: &generator, strengthPercent: options.strengthPercent)
        strikes = []
        var moment = generator.within(0...swarm.strikeEveryMilliseconds)
        while !swarm.strikes.isEmpty, moment < SimulationOptions.longestFaultMilliseconds {
            let strike = Strike(
                number: strikes.count + 1, afterMilliseconds: moment, kind: generator.element(of: swarm.strikes),
                chance: generator.next())
            strikes.append(strike)
            moment += generator.within(1...2 * swarm.strikeEveryMilliseconds)
        }
        let pick = options.pick
        swarm.leaveOut(pick.withoutKinds)
        swarm.users = min(swarm.users, pick.users ?? swarm.users)
        strikes.removeAll { strike in
            strike.afterMilliseconds >= options.faultMilliseconds || pick.withoutKinds.contains(strike.kind)
                || pick.strikes.map { !$0.contains(strike.number) } ?? false
        }
    }
}

/// What of a seed's schedule is carried out: all of it, unless something is left out.
public struct SchedulePick: Equatable, Sendable {
    /// Kinds of faults that do not happen.
    public var withoutKinds: Set<FaultKind> = []
    /// The strikes that happen, by their numbers; nil is all of them.
    public var strikes: Set<Int>?
    /// How many users there are at most; nil is as many as the seed drew.
    public var users: Int?

    public init() {}
}
