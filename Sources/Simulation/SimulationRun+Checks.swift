import Fleet
import Hypervisor
import Primitives
import Raft
import Replica

// What is checked after every step of a node.
extension SimulationRun {
    mutating func check(_ index: Int, appliedBefore before: LogIndex) throws(Violation) {
        guard let agent = nodes[index].agent else { return }
        let replica = agent.replica
        let id = nodes[index].identity.id
        if replica.role == .leader {
            if let other = leaders[replica.term], other != id {
                throw Violation(.electionSafety, "nodes \(other) and \(id) both lead in term \(replica.term)")
            }
            leaders[replica.term] = id
        }
        guard replica.term >= agent.highestTerm, replica.commitIndex >= agent.highestCommit else {
            throw Violation(
                .monotonicity,
                "node \(id) went from term \(agent.highestTerm), commit \(agent.highestCommit) to "
                    + "\(replica.term), \(replica.commitIndex)")
        }
        nodes[index].agent?.highestTerm = replica.term
        nodes[index].agent?.highestCommit = replica.commitIndex
        try checkApplied(replica, index, after: before)
    }

    private mutating func checkApplied(_ replica: Replica, _ index: Int, after before: LogIndex) throws(Violation) {
        let id = nodes[index].identity.id
        let applied = LogIndex(replica.fleet.appliedIndex)
        guard applied != before || history.lastIndex == 0 else { return }
        guard applied >= before else {
            throw Violation(.monotonicity, "node \(id) went from applied index \(before) to \(applied)")
        }
        if let entries = replica.appliedEntries(after: before, through: applied) {
            let known = history.lastIndex
            try history.applied(entries, by: id)
            for entry in entries where entry.index.rawValue > known { note(.committed(entry)) }
        }
        let hash = replica.stateHash
        try history.check(stateHash: hash, at: applied.rawValue, of: id)
        note(.applied(node: index, index: applied.rawValue, stateHash: hash))
    }

    /// That the machine runs nowhere else; to be called whenever a process may have come to be.
    func checkOneMachine(_ uid: UID) throws(Violation) {
        let hosts = nodes.indices.filter { nodes[$0].machines.observe(uid, now: now).state.mayHaveProcess }
        guard hosts.count <= 1 else {
            throw Violation(.oneMachine, "machine \(uid.short) runs on nodes \(hosts.map { $0 + 1 })")
        }
    }
}
