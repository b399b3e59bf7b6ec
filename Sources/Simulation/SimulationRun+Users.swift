import Fleet
import Manifest
import Primitives
import Replica

// Users: each has one request under way, keeps its id through every retry, and remembers what it saw.
extension SimulationRun {
    mutating func userActs(_ user: Int) throws(Violation) {
        guard users[user].task == nil, phase == .faults else { return }
        users[user].operations += 1
        users[user].drawTask(floor: seenIndex)
        try ask(user)
    }

    /// Nobody has answered: the same request goes to somebody else.
    mutating func userWaited(_ user: Int, _ attempt: UInt64) throws(Violation) {
        guard users[user].task != nil, users[user].attempt == attempt else { return }
        if options.plantedBug == .retryAsNewRequest, case .write = users[user].task?.kind {
            users[user].task?.request = RequestID.random(using: &userChance)
        }
        try ask(user)
    }

    private mutating func ask(_ user: Int) throws(Violation) {
        guard users[user].task != nil else { return }
        users[user].attempt += 1
        users[user].task?.node = userChance.below(nodes.count)
        guard let task = users[user].task else { return }
        let attempt = users[user].attempt
        schedule(.userWaited(user, attempt: attempt), in: SimulatedUser.patienceMilliseconds)
        note(.asked(user: user, what: task.what, node: task.node))
        guard let run = nodes[task.node].agent?.run else {
            schedule(.userWaited(user, attempt: attempt), in: userChance.within(50...500))
            return
        }
        let waiter = waiter(for: user, attempt: attempt)
        switch task.kind {
        case .write(let mutations):
            let command = Command.write(
                WriteCommand(request: task.request, baseRevision: task.baseRevision, mutations: mutations))
            let submission = WriteSubmission(
                request: task.request, author: Self.administrator, command: command)
            try feed(.write(waiter, submission), to: run)
        case .read:
            // Each try is a read of its own, and must see what was there when it began.
            users[user].task?.floor = seenIndex
            if options.plantedBug == .readWithoutQuorum {
                try readable(waiter, .ready, at: task.node)
            } else {
                try feed(.read(waiter), to: run)
            }
        }
    }

    // MARK: Answers

    mutating func answered(_ waiter: Waiter, _ result: WriteResult, by node: Int) throws(Violation) {
        guard let (user, attempt) = waiters.removeValue(forKey: waiter) else {
            throw Violation(.writes, "node \(node + 1) answers a caller that it has answered, or never had")
        }
        guard user != Self.setUpUser else {
            setUpAnswer = result
            return
        }
        guard let task = users[user].task, users[user].attempt == attempt else { return }
        if case .applied(let outcome) = result { try checkAnswer(outcome, to: task, by: node) }
        guard !isLost() else { return }
        note(.answered(user: user, what: task.what, result: Self.text(result)))
        switch result {
        case .applied(let outcome):
            if case .written(let answer) = outcome {
                users[user].revision = max(users[user].revision, answer.revision)
            }
            if let decision = history.decisions[task.request] { seenIndex = max(seenIndex, decision.index) }
            report.writes += 1
            finish(user)
        case .noQuorum, .unavailable, .outcomeUnknown:
            schedule(.userWaited(user, attempt: attempt), in: userChance.within(50...1000))
        case .tooLarge, .forbidden:
            throw Violation(.writes, "an administrator's \(task.what) is refused by node \(node + 1): \(result)")
        }
    }

    private func checkAnswer(
        _ outcome: CommandOutcome, to task: SimulatedUser.Task, by node: Int
    ) throws(Violation) {
        guard let decision = history.decisions[task.request] else {
            if case .refused = outcome { return }
            throw Violation(.writes, "node \(node + 1) acknowledged \(task.what), which is in no applied entry")
        }
        guard decision.outcome == outcome else {
            throw Violation(
                .writes,
                "node \(node + 1) answered \(task.what) with \(outcome); entry \(decision.index) did "
                    + "\(decision.outcome)")
        }
        let applied = nodes[node].agent?.replica.fleet.appliedIndex ?? 0
        guard decision.index <= applied else {
            throw Violation(.writes, "node \(node + 1) answered \(task.what) before it applied it")
        }
    }

    mutating func readable(_ waiter: Waiter, _ result: ReadResult, at node: Int) throws(Violation) {
        guard let (user, attempt) = waiters.removeValue(forKey: waiter) else {
            throw Violation(.reads, "node \(node + 1) answers a reader that it has answered, or never had")
        }
        guard user != Self.setUpUser, let task = users[user].task, users[user].attempt == attempt else { return }
        switch result {
        case .ready:
            let applied = nodes[node].agent?.replica.fleet.appliedIndex ?? 0
            guard applied >= task.floor else {
                throw Violation(
                    .reads, "node \(node + 1) shows user \(user) index \(applied); \(task.floor) had been seen before")
            }
            seenIndex = max(seenIndex, applied)
            users[user].revision = max(users[user].revision, nodes[node].agent?.replica.fleet.revision ?? 0)
            report.reads += 1
            note(.answered(user: user, what: task.what, result: "index \(applied)"))
            finish(user)
        case .noQuorum:
            note(.answered(user: user, what: task.what, result: "no quorum"))
            schedule(.userWaited(user, attempt: attempt), in: userChance.within(50...1000))
        }
    }

    private mutating func isLost() -> Bool {
        guard isFaulty, userChance.chance(swarm.lostAnswerPerMille) else { return false }
        count(.lostAnswer)
        return true
    }

    private mutating func finish(_ user: Int) {
        users[user].task = nil
        schedule(.userActs(user), in: userChance.within(0...swarm.thinkMilliseconds))
    }

    private static func text(_ result: WriteResult) -> String {
        switch result {
        case .applied(.written(let answer)): "written at revision \(answer.revision)"
        case .applied(.refused(let refusals)): "refused: \(refusals.map(\.message).joined(separator: "; "))"
        default: "\(result)"
        }
    }
}
