import Fleet
import Hypervisor
import Primitives
import Raft
import Replica

// What is checked after every step of a node.
extension SimulationRun {
    /// - Parameter mayHaveCounted: Whether a leader may know of more that is stored.
    mutating func check(_ index: Int, appliedBefore before: LogIndex, mayHaveCounted: Bool) throws(Violation) {
        guard let agent = nodes[index].agent else { return }
        let id = nodes[index].identity.id
        let (term, commit) = (agent.replica.term, agent.replica.commitIndex)
        guard term >= agent.highestTerm, commit >= agent.highestCommit else {
            throw Violation(
                .monotonicity,
                "node \(id) went from term \(agent.highestTerm), commit \(agent.highestCommit) to \(term), \(commit)")
        }
        if agent.replica.role == .leader {
            try ledger.leads(agent.replica)
            if mayHaveCounted {
                try ledger.checkMatches(of: agent.replica, ownLast: agent.journal.durable.last.index)
            }
        }
        if commit > agent.highestCommit { try ledger.commits(agent.replica) }
        nodes[index].agent?.highestTerm = term
        nodes[index].agent?.highestCommit = commit
        try checkApplied(index, after: before)
    }

    private mutating func checkApplied(_ index: Int, after before: LogIndex) throws(Violation) {
        guard let replica = nodes[index].agent?.replica else { return }
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

    /// That consensus acts on the membership that the state machine has decided.
    func checkMembership(_ index: Int) throws(Violation) {
        guard let replica = nodes[index].agent?.replica, replica.fleet.appliedIndex > 0 else { return }
        // Consensus goes by a leader's snapshot from its arrival on, the state machine once it is durable.
        guard !replica.awaitsSnapshot else { return }
        let state = replica.confState
        let voters = replica.fleet.members.filter { $0.role == .voter }.map { NodeID($0.id) }
        let learners = replica.fleet.members.filter { $0.role == .learner }.map { NodeID($0.id) }
        guard state.voters == voters, state.learners == learners, !state.isJoint else {
            throw Violation(
                .membership,
                "node \(replica.identity.id) at index \(replica.fleet.appliedIndex) acts on voters \(state.voters), "
                    + "learners \(state.learners); the state has \(voters), \(learners)")
        }
    }

    // MARK: What a node says

    /// A message leaves: what it promises must be on the disk.
    mutating func checkWord(_ message: Message, of sender: Int) throws(Violation) {
        guard let durable = nodes[sender].agent?.journal.durable else { return }
        let id = nodes[sender].identity.id
        if message.isPromise, durable.term < message.term {
            throw Violation(
                .durability, "node \(id) sends \(message.kind) of term \(message.term); its disk says \(durable.term)")
        }
        switch message.kind {
        case .vote where durable.term == message.term && durable.vote != id,
            .voteResponse where !message.reject && durable.term == message.term && durable.vote != message.to:
            throw Violation(
                .durability,
                "node \(id) sends \(message.kind) to \(message.to) in term \(message.term); on its disk the vote is "
                    + (durable.vote.map { "for \($0)" } ?? "not there"))
        case .append:
            try ledger.note(message.entries, after: message.logTerm, by: id)
        case .appendResponse where !message.reject:
            // One for a term that is over says nothing of the disk: whoever leads in a later term was elected by a majority
            // without this entry, so no majority for it is left.
            if message.term == durable.term { try checkAcknowledgement(message, durable, of: sender) }
            ledger.acknowledges(id, message.index, in: message.term)
        default: break
        }
    }

    /// What a leader is told to be stored is, and it is the entry that this leader has there.
    private func checkAcknowledgement(
        _ message: Message, _ durable: DurableLog, of sender: Int
    ) throws(Violation) {
        // In memory the sender may have gone on to a later leader's entries while the ones acknowledged were being written.
        let witness = nodes.lazy.compactMap { $0.agent?.replica }.first {
            $0.term == message.term && ($0.role == .leader || $0.identity.id == message.from)
        }
        let stored = durable.term(at: message.index)
        let wanted = witness?.logTerm(at: message.index)
        guard message.index <= durable.last.index, stored == nil || wanted == nil || stored == wanted else {
            throw Violation(
                .durability,
                "node \(message.from) acknowledges entry \(message.index) to \(message.to) in term \(message.term); there "
                    + "it is of term \(wanted.map { "\($0)" } ?? "unknown"), here of "
                    + "\(stored.map { "\($0)" } ?? "none"), and the disk ends with \(durable.last.index)")
        }
    }

    /// That the machine runs nowhere else; to be called whenever a process may have come to be.
    func checkOneMachine(_ uid: UID) throws(Violation) {
        let hosts = nodes.indices.filter { nodes[$0].machines.observe(uid, now: clock(of: $0)).state.mayHaveProcess }
        guard hosts.count <= 1 else {
            throw Violation(.oneMachine, "machine \(uid.short) runs on nodes \(hosts.map { $0 + 1 })")
        }
    }
}

extension Message {
    /// Whether its sender must remember the term in which it sent this. A heartbeat's answer promises nothing: it may
    /// leave before the term is durable.
    var isPromise: Bool {
        switch kind {
        case .vote, .voteResponse, .append, .appendResponse, .heartbeat, .snapshot: true
        default: false
        }
    }
}
