import Manifest
import Primitives

extension Fleet {
    /// What comes of a join that is taken.
    enum Redemption {
        /// The first answer, once more; nothing changes.
        case again(Member)
        /// A new member, and the ticket as it is then.
        case anew(Member, Ticket)
    }

    mutating func apply(_ join: Join, stamp: WallTime) throws(Refusal) -> CommandOutcome {
        switch try redemption(of: join, stamp: stamp) {
        case .again(let member): return .joined(member)
        case .anew(let member, let ticket):
            tickets[join.ticketHash] = ticket
            memberTable.add(member)
            touchNode(named: member.name)
            recordMember(member, "Joined", "joined the cluster as member \(member.id), without a vote yet")
            raiseEpochs(ofMachinesBoundTo: member.name)
            return .joined(member)
        }
    }

    func redemption(of join: Join, stamp: WallTime) throws(Refusal) -> Redemption {
        guard var ticket = tickets[join.ticketHash] else {
            throw Refusal(.ticketUnknown, "no such ticket: create one with 'blixard ticket create'")
        }
        if let admitted = try admission(of: join, before: ticket) { return .again(admitted) }
        guard stamp < ticket.expiresAt else {
            throw Refusal(.ticketExpired, "the ticket expired at \(ticket.expiresAt): create a new one")
        }
        guard ticket.redeemed.count < ticket.uses else {
            throw Refusal(.ticketUsed, "all \(ticket.uses) uses of the ticket are used up: create a new one")
        }
        let member = try newcomer(join, nameOfTicket: ticket.nodeName)
        ticket.redeemed[join.key] = member
        return .anew(member, ticket)
    }

    /// The member that this very newcomer has become by an earlier try, of which it has not heard; nil if there was
    /// none.
    ///
    /// A member's key alone does not make it that member: its log may be lost, and with it what it has acknowledged.
    func admission(of join: Join, before ticket: Ticket) throws(Refusal) -> Member? {
        if let admitted = ticket.redeemed[join.key] {
            guard memberTable[admitted.id] != nil else {
                throw Refusal(
                    .ticketUsed,
                    "key \(join.key.short) redeemed this ticket as node \"\(admitted.name)\", which was "
                        + "removed since: create a new ticket")
            }
            guard admitted.incarnation == join.incarnation else { throw otherLife(of: admitted) }
            return admitted
        }
        // The ticket of the first try may have expired meanwhile, and another been given.
        guard join.incarnation != 0, let member = memberTable[key: join.key] else { return nil }
        return member.incarnation == join.incarnation ? member : nil
    }

    private func newcomer(_ join: Join, nameOfTicket: String?) throws(Refusal) -> Member {
        guard join.id == nextMemberID else {
            throw Refusal(.stale, "the next member gets the id \(nextMemberID), not \(join.id)")
        }
        if let other = memberTable[key: join.key] { throw otherLife(of: other) }
        if let user = access[join.key] {
            throw Refusal(.keyTaken, "key \(join.key.short) is that of the user \"\(user.name)\"")
        }
        let name = nameOfTicket ?? join.name ?? "node-\(join.id)"
        if let problem = JoinRules.problem(ofName: name) ?? JoinRules.problem(ofAddresses: join.addresses) {
            throw Refusal(.invalid, problem)
        }
        if let wanted = join.name, wanted != name {
            throw Refusal(
                .invalid, "the ticket is for the node \"\(name)\", not for \"\(wanted)\": ask for no other name")
        }
        if let other = memberTable[name: name] {
            throw Refusal(
                .nameTaken,
                "the name \"\(name)\" is that of member \(other.id): choose another name, or remove that "
                    + "member first with 'blixard cluster remove \(name)'")
        }
        // The member with the name has its machines: that takes an operator's ticket for this very name.
        let machines = nameOfTicket == nil ? bound(to: name).count : 0
        guard machines == 0 else {
            throw Refusal(
                .nameTaken,
                "\(machines) machines are bound to the name \"\(name)\": choose another name, or take it over "
                    + "with a ticket from 'blixard ticket create --for-node \(name)'")
        }
        return Member(
            id: join.id, name: name, key: join.key, addresses: join.addresses, role: .learner, joinedAt: time,
            level: level, incarnation: join.incarnation)
    }

    private func otherLife(of member: Member) -> Refusal {
        Refusal(
            .keyTaken,
            "key \(member.key.short) is that of node \"\(member.name)\", and whoever asks does not have that node's "
                + "log: if the log is lost, remove the node first with 'blixard cluster remove \(member.name)', then "
                + "join anew")
    }

    /// Bindings follow a name that a newcomer takes over, epochs do not: nothing that the node before it held, or still
    /// says of a machine, can be taken for the newcomer's.
    private mutating func raiseEpochs(ofMachinesBoundTo node: String) {
        for var machine in bound(to: node) {
            machine.lastEpoch += 1
            machine.binding = FleetObject.Binding(node: node, epoch: machine.lastEpoch)
            store(machine)
        }
    }
}
