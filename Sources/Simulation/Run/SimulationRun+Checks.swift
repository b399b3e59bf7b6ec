import Fleet
import Hypervisor
import Primitives
import Raft
import Replica
import Wire

/// What a node was when a step of it began.
struct StepStart {
    var applied: LogIndex
    var term: Term
    var role: Role
    /// The batch of placements that the node, leading, had under way.
    var placement: RequestID?

    init(_ replica: Replica) {
        applied = LogIndex(replica.fleet.appliedIndex)
        term = replica.term
        role = replica.role
        placement = replica.placementInFlight?.request
    }
}

// What is checked after every step of a node.
extension SimulationRun {
    /// - Parameters:
    ///   - start: What the node was before.
    ///   - inputs: What it has taken since.
    mutating func check(_ index: Int, since start: StepStart, _ inputs: [ReplicaInput]) throws(Violation) {
        guard let agent = nodes[index].agent else { return }
        let id = nodes[index].identity.id
        let (term, commit) = (agent.replica.term, agent.replica.commitIndex)
        guard term >= agent.highestTerm, commit >= agent.highestCommit else {
            throw Violation(
                .monotonicity,
                "node \(id) went from term \(agent.highestTerm), commit \(agent.highestCommit) to \(term), \(commit)")
        }
        let log = LogView(agent.replica, run: agent.run.number)
        if agent.replica.role == .leader {
            try ledger.leads(log)
            if inputs.contains(where: \.mayCount) {
                try ledger.checkMatches(
                    of: id, in: term, agent.replica.matchIndexes, ownLast: agent.journal.durable.last.index)
            }
        }
        if commit > agent.highestCommit {
            // A leader that has counted, and was deposed in the same step, has counted in its own term.
            let hasCounted = start.role == .leader && !inputs.contains(where: \.mayTellCommit)
            try ledger.commits(log, in: hasCounted ? start.term : term, leaders: leadingLogs)
        }
        nodes[index].agent?.highestTerm = term
        nodes[index].agent?.highestCommit = commit
        try checkApplied(index, after: start.applied)
    }

    /// The logs of all that lead, each in its own term.
    private var leadingLogs: [LogView] {
        nodes.compactMap { node in
            guard let agent = node.agent, agent.replica.role == .leader else { return nil }
            return LogView(agent.replica, run: agent.run.number)
        }
    }

    private mutating func checkApplied(_ index: Int, after before: LogIndex) throws(Violation) {
        guard let replica = nodes[index].agent?.replica else { return }
        let id = nodes[index].identity.id
        let applied = LogIndex(replica.fleet.appliedIndex)
        guard applied != before || history.lastIndex == 0 else { return }
        guard applied >= before else {
            throw Violation(.monotonicity, "node \(id) went from applied index \(before) to \(applied)")
        }
        // A leader's snapshot may have come first, and entries behind it in the same step.
        if let entries = replica.appliedEntries(after: max(before, replica.compactedIndex), through: applied) {
            let known = history.lastIndex
            try history.applied(entries, by: id)
            for entry in entries where entry.index.rawValue > known {
                note(.committed(entry))
                try holdPlacement(entry)
            }
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

    /// That the machine runs nowhere else; to be called whenever a process may have come to be.
    func checkOneMachine(_ uid: UID) throws(Violation) {
        let hosts = nodes.indices.filter { nodes[$0].machines.observe(uid, now: clock(of: $0)).state.mayHaveProcess }
        guard hosts.count <= 1 else {
            throw Violation(.oneMachine, "machine \(uid.short) runs on nodes \(hosts.map { $0 + 1 })")
        }
    }
}

extension ReplicaInput {
    /// Whether a leader may count more as stored because of it.
    fileprivate var mayCount: Bool {
        switch self {
        case .message(from: _, .raft(let message)): message.kind == .appendResponse
        case .appended, .snapshotSent: true
        default: false
        }
    }

    /// Whether another node may tell in it how far the log is committed.
    fileprivate var mayTellCommit: Bool {
        switch self {
        case .message(from: _, .raft(let message)):
            switch message.kind {
            case .append, .heartbeat, .snapshot, .voteResponse: true
            default: false
            }
        case .snapshotReceived: true
        default: false
        }
    }
}
