/// Makes the schedule of a failed seed smaller while it still breaks the same promise: first the time, then whole kinds
/// of faults, then single strikes (delta debugging; Zeller and Hildebrandt, 2002), then users and nodes.
struct ScheduleShrinker {
    private(set) var request: SimulationRequest
    private(set) var failure: SeedResult
    /// Runs one seed; nil if that can't be done.
    private let run: (SimulationRequest) -> SeedResult?
    private let isOver: () -> Bool
    private var trialsLeft: Int

    /// - Parameters:
    ///   - trials: How many runs it may take.
    ///   - isOver: Asked before each run: whether the time for it is over.
    init(
        _ request: SimulationRequest, failure: SeedResult, trials: Int, until isOver: @escaping () -> Bool,
        run: @escaping (SimulationRequest) -> SeedResult?
    ) {
        self.request = request
        self.failure = failure
        self.run = run
        self.isOver = isOver
        trialsLeft = trials
        self.request.seed = failure.seed
        self.request.seeds = 1
        self.request.seconds = nil
        self.request.nodes = request.options(for: failure.seed).nodes
    }

    private var options: SimulationOptions { request.options(for: failure.seed) }

    /// What is left of the schedule.
    var schedule: SimulationSchedule { SimulationSchedule(seed: failure.seed, options: options) }

    mutating func shrink() {
        shortenTime()
        leaveOutKinds()
        leaveOutStrikes()
        lessUsersAndNodes()
        leaveOutKinds()
        shortenTime()
    }

    private var mayTry: Bool { trialsLeft > 0 && !isOver() }

    /// Whether it fails in the same way with this change, which is then kept.
    private mutating func tryOut(_ change: (inout SimulationRequest) -> Void) -> Bool {
        var candidate = request
        change(&candidate)
        guard mayTry else { return false }
        trialsLeft -= 1
        guard candidate != request, let result = run(candidate), let what = result.failure?.what,
            what == failure.failure?.what
        else { return false }
        request = candidate
        failure = result
        return true
    }

    private mutating func shortenTime() {
        // What comes after the failure has nothing to do with it.
        if let end = failure.figures[.milliseconds], Int64(end) < options.faultMilliseconds {
            _ = tryOut { $0.faultMilliseconds = Int64(end) }
        }
        for part in [2, 4, 8] as [Int64] {
            let shorter = options.faultMilliseconds - options.faultMilliseconds / part
            if shorter >= 1000 { _ = tryOut { $0.faultMilliseconds = shorter } }
        }
    }

    private mutating func leaveOutKinds() {
        let kinds = Set(FaultKind.allCases).subtracting(FaultKind.consequences)
        for kind in kinds.sorted() where !request.pick.withoutKinds.contains(kind) {
            _ = tryOut { $0.pick.withoutKinds.insert(kind) }
        }
    }

    private mutating func leaveOutStrikes() {
        var kept = schedule.strikes.map(\.number)
        var pieces = 2
        while !kept.isEmpty, mayTry {
            let size = max(1, (kept.count + pieces - 1) / pieces)
            var hasShrunk = false
            for start in stride(from: 0, to: kept.count, by: size) {
                var fewer = kept
                fewer.removeSubrange(start..<min(start + size, kept.count))
                if tryOut({ $0.pick.strikes = Set(fewer) }) {
                    kept = fewer
                    hasShrunk = true
                    break
                }
            }
            if hasShrunk {
                pieces = max(2, pieces - 1)
            } else if size == 1 {
                return
            } else {
                pieces = min(kept.count, pieces * 2)
            }
        }
    }

    private mutating func lessUsersAndNodes() {
        for users in 0..<schedule.swarm.users where tryOut({ $0.pick.users = users }) { break }
        for nodes in 1..<max(2, options.nodes) where tryOut({ $0.nodes = nodes }) { break }
    }

    /// The smallest schedule, for people.
    var lines: [String] {
        let schedule = schedule
        let swarm = schedule.swarm
        var byTheWay: [String] = []
        func note(_ name: String, _ perMille: Int) { if perMille > 0 { byTheWay.append("\(name) \(perMille)/1000") } }
        note("loss", swarm.lossPerMille)
        note("duplication", swarm.duplicationPerMille)
        note("delay", swarm.delayPerMille)
        note("cut transfers", swarm.cutTransferPerMille)
        note("doubled transfers", swarm.duplicatedTransferPerMille)
        note("lost reports", swarm.lostReportPerMille)
        note("lost answers", swarm.lostAnswerPerMille)
        note("clock error", Int(swarm.clockErrorPerMille))
        if !swarm.keepsOrder { byTheWay.append("reordering") }
        return [
            "  \(options.nodes) nodes, \(swarm.users) users, \(options.faultMilliseconds) ms; "
                + (byTheWay.isEmpty ? "nothing else goes wrong" : byTheWay.joined(separator: ", "))
        ]
            + schedule.strikes.map { "  strike \($0.number) after \($0.afterMilliseconds) ms: \($0.kind.rawValue)" }
    }
}
