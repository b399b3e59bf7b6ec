import Fleet
import Manifest
import Primitives
import Replica

// What users are told, and whether it is true.
extension SimulationRun {
    mutating func answered(_ waiter: Waiter, _ result: WriteResult, by node: Int) throws(Violation) {
        guard let (user, attempt) = waiters.removeValue(forKey: waiter) else {
            throw Violation(.writes, "node \(node + 1) answers a caller that it has answered, or never had")
        }
        if user == Self.setUpUser { setUpAnswer = result }
        if user == Self.operatorUser { orderAnswered(result, to: attempt) }
        guard user >= 0, let task = users[user].task, users[user].attempt == attempt else { return }
        if case .success(let outcome) = result { try checkAnswer(outcome, to: task, by: node) }
        guard !isLost() else { return }
        note(.answered(user: user, what: task.what, result: Self.text(result)))
        switch result {
        case .success(let outcome):
            learn(outcome, of: task, user)
            report[.writes] += 1
            finish(user)
        case .failure(.noQuorum), .failure(.unavailable), .failure(.outcomeUnknown):
            schedule(.userWaited(user, attempt: attempt), in: userChance.within(50...1000))
        case .failure(let failure):
            // A host that was removed, or is new, may know of no users.
            guard nodes[node].agent?.replica.fleet.role(of: Self.administrator) == nil else {
                throw Violation(.writes, "an administrator's \(task.what) is refused by node \(node + 1): \(failure)")
            }
            schedule(.userWaited(user, attempt: attempt), in: userChance.within(50...1000))
        }
    }

    private mutating func learn(_ outcome: CommandOutcome, of task: SimulatedUser.Task, _ user: Int) {
        guard case .write(let change) = task.kind else { return }
        for (position, mutation) in change.mutations.enumerated() where !task.records.isEmpty {
            clients.end(task.records[position], outcome.output(of: mutation.key, at: position))
        }
        if case .written(let answer) = outcome {
            users[user].revision = max(users[user].revision, answer.revision)
            for result in answer.results { users[user].versions[result.key] = result.resourceVersion }
        }
        if let decision = history.decisions[task.request] { seenIndex = max(seenIndex, decision.index) }
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
        guard user >= 0, let task = users[user].task, users[user].attempt == attempt, case .read(let key) = task.kind
        else { return }
        switch result {
        case .ready:
            let applied = nodes[node].agent?.replica.fleet.appliedIndex ?? 0
            guard applied >= task.floor else {
                throw Violation(
                    .reads, "node \(node + 1) shows user \(user) index \(applied); \(task.floor) had been seen before")
            }
            seenIndex = max(seenIndex, applied)
            report[.reads] += 1
            see(key, of: task, user, at: node)
            finish(user)
        case .noQuorum:
            note(.answered(user: user, what: task.what, result: "no quorum"))
            schedule(.userWaited(user, attempt: attempt), in: userChance.within(50...1000))
        }
    }

    private mutating func see(_ key: ObjectKey, of task: SimulatedUser.Task, _ user: Int, at node: Int) {
        let object = nodes[node].agent?.replica.fleet[key]
        users[user].revision = max(users[user].revision, nodes[node].agent?.replica.fleet.revision ?? 0)
        users[user].versions[key] = object?.resourceVersion
        let found = object.map { object in
            ObjectModel.Output.found(
                object.labels[CanonicalHistory.mark] ?? "", version: object.resourceVersion,
                isTerminating: object.deletion != nil)
        }
        clients.end(task.records[0], found ?? .missing)
        note(
            .answered(
                user: user, what: task.what,
                result: object.map { "version \($0.resourceVersion)" } ?? "there is none"))
    }

    private static func text(_ result: WriteResult) -> String {
        switch result {
        case .success(.written(let answer)): "written at revision \(answer.revision)"
        case .success(.refused(let refusals)): "refused: \(refusals.map(\.message).joined(separator: "; "))"
        case .success(let outcome): "\(outcome)"
        case .failure(let failure): "\(failure)"
        }
    }
}
