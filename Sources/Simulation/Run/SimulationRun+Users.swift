import Fleet
import Primitives
import Replica

// Users: each has one request under way, keeps its id through every retry, and remembers what it saw.
extension SimulationRun {
    mutating func userActs(_ user: Int) throws(Violation) {
        guard users[user].task == nil, isFaulty || users[user].requestsLeft > 0 else { return }
        users[user].requestsLeft -= isFaulty ? 0 : 1
        users[user].operations += 1
        if users[user].keepsSets {
            let host = userChance.element(of: hosts)
            users[user].drawSetTask(floor: seenIndex, seen: nodes[host].agent?.replica.fleet)
        } else {
            users[user].drawTask(floor: seenIndex)
        }
        if let task = users[user].task, case .write(let change) = task.kind {
            history.intends(task.request, change)
            for mutation in change.mutations where !users[user].keepsSets {
                let record = clients.begin(mutation.verb, on: mutation.key, by: user)
                users[user].task?.records.append(record)
            }
        }
        try ask(user)
    }

    /// No node has answered: the same request goes to another one, or is given up.
    mutating func userWaited(_ user: Int, _ attempt: UInt64) throws(Violation) {
        guard let task = users[user].task, users[user].attempt == attempt else { return }
        if isFaulty, users[user].abandoned < SimulatedUser.mostAbandoned, userChance.chance(swarm.abandonedPerMille) {
            count(.abandonedRequest)
            users[user].abandoned += 1
            note(.answered(user: user, what: task.what, result: "given up"))
            finish(user)
            return
        }
        if case .write = task.kind {
            count(.repeatedRequest)
            if options.plantedBug == .retryAsNewRequest {
                users[user].task?.request = RequestID.random(using: &userChance)
            }
        }
        try ask(user)
    }

    private mutating func ask(_ user: Int) throws(Violation) {
        users[user].attempt += 1
        let host = userChance.element(of: hosts)
        users[user].task?.node = host
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
        case .write(let change):
            let command = Command.write(
                WriteCommand(
                    request: task.request, baseRevision: task.baseRevision, change: mistaken(change)))
            let submission = WriteSubmission(
                request: task.request, author: Self.administrator, command: command)
            try feed(.write(waiter, submission), to: run)
        case .read(let key):
            // Each try is a read of its own, and must see what was there when it began.
            users[user].task?.floor = seenIndex
            users[user].task?.records = [clients.begin(.read, on: key, by: user)]
            if options.plantedBug == .readWithoutQuorum {
                try readable(waiter, .ready, at: task.node)
            } else {
                try feed(.read(waiter), to: run)
            }
        }
    }

    mutating func waiter(for user: Int, attempt: UInt64) -> Waiter {
        nextWaiter += 1
        let waiter = Waiter(nextWaiter)
        waiters[waiter] = (user, attempt)
        return waiter
    }

    mutating func isLost() -> Bool {
        guard isFaulty, userChance.chance(swarm.lostAnswerPerMille) else { return false }
        count(.lostAnswer)
        return true
    }

    mutating func finish(_ user: Int) {
        users[user].task = nil
        schedule(.userActs(user), in: userChance.within(0...swarm.thinkMilliseconds))
    }
}
