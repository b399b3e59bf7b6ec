import Fleet
import Hypervisor
import Journal
import Primitives
import Raft
import Replica

// What the operator does, one thing after the other: each step is asked for until the cluster has taken it.
extension SimulationRun {
    /// The voters of every membership that counts: those that nodes act on, the newest, what they become when learners
    /// are promoted, and what the removal under way would leave of each.
    var membershipsInForce: [[NodeID]] {
        var memberships: [[NodeID]] = []
        for state in hosts.compactMap({ nodes[$0].agent?.replica.confState }) {
            memberships.append(state.voters)
            if !state.learners.isEmpty { memberships.append(state.voters + state.learners) }
        }
        let members = history.fleet.members
        memberships.append(members.filter { $0.role == .voter }.map { NodeID($0.id) })
        memberships.append(members.map { NodeID($0.id) })
        guard let leaving = operations.task?.node else { return memberships }
        let id = nodes[leaving].identity.id
        return memberships + memberships.map { $0.filter { $0 != id } }
    }

    mutating func operatorActs() throws(Violation) {
        guard phase != .over else { return }
        if operations.task == nil { operations.beginNext() }
        guard let task = operations.task else { return }
        switch task.step {
        case .remove: try removeMember(task)
        case .switchOff: try switchOff(task)
        case .ticket: try order(.createTicket(ticket(for: task)), author: Self.administrator)
        case .join: try joinHost(task)
        case .awaitVoter: awaitVoter(task)
        }
        if !operations.isIdle { schedule(.operatorActs, in: operatorChance.within(200...2000)) }
    }

    private mutating func removeMember(_ task: SimulatedOperator.Task) throws(Violation) {
        guard let node = task.node else { return }
        let id = nodes[node].identity.id
        guard history.fleet.member(id: id.rawValue) != nil else {
            operations.task?.step = .switchOff
            return
        }
        let left = membershipsInForce.map { $0.filter { $0 != id } }
        let isPossible =
            left.allSatisfy { !$0.isEmpty } && (!task.isOptional || left.allSatisfy { $0.count > 1 })
            && atlas.permitsRemoval(leaving: left)
        guard isPossible || !task.isOptional || task.hasAsked else {
            // It would leave too few nodes that know everything.
            operations.task = nil
            return
        }
        guard isPossible else { return }
        operations.task?.hasAsked = true
        try order(.remove(id: id.rawValue, isForced: true), author: Self.administrator)
    }

    private mutating func switchOff(_ task: SimulatedOperator.Task) throws(Violation) {
        guard let node = task.node else { return }
        // Most operators let a removed node run for a while, and none takes it away before the others know: of two
        // voters the one that stays could not go on alone.
        guard nodes[node].isRefused || (isKnownGone(node) && operatorChance.chance(400)) else { return }
        crash(node, losesPower: true, why: "switched off for good")
        nodes[node].machines.loseHost()
        nodes[node].isRetired = true
        operations.task?.step = .ticket
    }

    /// Whether most of those who stay act without the node.
    private func isKnownGone(_ node: Int) -> Bool {
        let voters = history.fleet.members.filter { $0.role == .voter }
        let knowing = voters.count { member in
            let others = nodes[Int(member.id) - 1].agent?.replica.confState.members
            return others.map { !$0.isEmpty && !$0.contains(nodes[node].identity.id) } ?? false
        }
        return knowing >= majority(of: voters.count)
    }

    private mutating func joinHost(_ task: SimulatedOperator.Task) throws(Violation) {
        let key = Self.key(nodes.count + 1)
        if let member = history.fleet.member(key: key) {
            let index = try addHost(id: member.id, name: member.name, key: key)
            operations.task?.host = index
            operations.task?.step = .awaitVoter
            try start(index)
            return
        }
        let id = history.fleet.nextMemberID
        try order(
            .join(
                Join(
                    id: id, name: task.name, key: key, addresses: ["host-\(id):7001"],
                    ticketHash: task.name == nil ? Self.ticketHash : ticket(for: task).secretHash,
                    incarnation: id)),
            author: key)
    }

    /// For the next host, and for one name.
    private func ticket(for task: SimulatedOperator.Task) -> TicketGrant {
        TicketGrant(
            secretHash: [UInt8](repeating: UInt8(nodes.count + 1), count: 31) + [1],
            expiresAt: WallTime(milliseconds: 4_000_000_000_000), uses: 1, nodeName: task.name)
    }

    /// Tells the orders of one step for one host from all others.
    private var orderNumber: UInt64 { UInt64(nodes.count) << 8 | (operations.task?.step.rawValue ?? 0) }

    /// The cluster has answered an order, perhaps one of long ago.
    mutating func orderAnswered(_ result: WriteResult, to number: UInt64) {
        note(.answered(user: Self.operatorUser, what: "the operator's order", result: "\(result)"))
        guard number == orderNumber, operations.task?.step == .ticket, case .success(.done) = result else { return }
        operations.task?.step = .join
    }

    private mutating func awaitVoter(_ task: SimulatedOperator.Task) {
        guard let host = task.host else { return }
        let member = history.fleet.member(id: nodes[host].identity.id.rawValue)
        // It may have been lost before it ever was one.
        guard member == nil || member?.role == .voter || nodes[host].isRefused else { return }
        if task.node != nil { report[.replacedNodes] += 1 }
        operations.task = nil
    }

    /// Asks a node to have a command applied; what comes of it is seen in the history.
    private mutating func order(_ command: Command, author: PublicKey) throws(Violation) {
        let up = hosts.filter { nodes[$0].isUp }
        guard !up.isEmpty, let run = nodes[operatorChance.element(of: up)].agent?.run else { return }
        let submission = WriteSubmission(
            request: RequestID.random(using: &operatorChance), author: author, command: command)
        try feed(.write(waiter(for: Self.operatorUser, attempt: orderNumber), submission), to: run)
    }
}
