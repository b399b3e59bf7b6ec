import Primitives
import Raft
import Replica
import Wire

// What a node wants done, done by the simulated shells.
extension SimulationRun {
    mutating func perform(_ effect: ReplicaEffect, _ run: AgentRun) throws(Violation) {
        // An effect may have ended the agent.
        guard isCurrent(run) else { return }
        switch effect {
        case .send(let to, let message): try send(message, from: run.node, to: to)
        case .sendSnapshot(let to, let message): try sendSnapshot(message, run, to: to)
        case .append(let work): try append(work, run)
        case .saveSnapshot(let order): saveSnapshot(order, run)
        case .answer(let waiter, let result): try answered(waiter, result, by: run.node)
        case .readable(let waiter, let result): try readable(waiter, result, at: run.node)
        case .perform(let uid, .look): schedule(.look(uid, run), in: machineChance.within(0...20))
        case .perform(let uid, let work):
            schedule(.driverBegins(uid, work, run), in: machineChance.within(0...20))
        case .fetchSource(let order): fetch(order, run)
        case .requested, .sourceAnswered, .fetch, .giveUp, .stateChanged, .membersChanged, .machinesHalted: break
        case .notice(let notice): try noticed(notice, run.node)
        case .stop(let reason):
            throw Violation(.running, "node \(nodes[run.node].identity.id) stopped by itself: \(reason)")
        }
    }

    private mutating func noticed(_ notice: ReplicaNotice, _ index: Int) throws(Violation) {
        switch notice {
        case .role(let role, let term, let leader):
            note(.role(node: index, role, term: term.rawValue, leader: leader?.rawValue))
            // Also one that led for a part of the step only.
            if role == .leader {
                try ledger.elected(nodes[index].identity.id, run: nodes[index].runs, in: term)
            }
        case .machine(let name, let verb, let reason): note(.noticed(node: index, "\(verb) \(name): \(reason)"))
        case .machineFailed(let name, let verb, let failure):
            note(.noticed(node: index, "failed to \(verb) \(name): \(failure)"))
        case .caughtUp(let at): note(.noticed(node: index, "caught up at \(at)"))
        case .membership(let state):
            note(.noticed(node: index, "voters \(state.voters), learners \(state.learners)"))
            try checkMembership(index)
        case .refusedMessage(let from, let why): note(.noticed(node: index, "refused a message of \(from): \(why)"))
        case .unknownMachine(let uid, _): note(.noticed(node: index, "knows nothing of machine \(uid.short)"))
        case .restoredSnapshot(let at):
            report[.snapshotsInstalled] += 1
            note(.noticed(node: index, "took a snapshot of \(at)"))
            try checkMembership(index)
        case .undeliveredSnapshot(let to, let at): note(.noticed(node: index, "sent no snapshot of \(at) to \(to)"))
        case .diskShort(let isShort):
            note(.noticed(node: index, isShort ? "has no room for its log" : "has room for its log again"))
        case .keptOlderSnapshot(let at, _): note(.noticed(node: index, "did not need its snapshot of \(at)"))
        }
    }
}
