import Manifest
import Primitives

extension Fleet {
    mutating func apply(_ grant: TicketGrant) throws(Refusal) -> CommandOutcome {
        guard grant.secretHash.count == 32, grant.uses > 0 else {
            throw Refusal(
                .invalid,
                "a ticket of \(grant.uses) uses with a hash of \(grant.secretHash.count) bytes; give at "
                    + "least 1 use and a hash of 32 bytes")
        }
        guard (WallTime(milliseconds: 0)...Self.lastStamp).contains(grant.expiresAt) else {
            throw Refusal(.invalid, "a ticket that expires before 1970 or after 9999")
        }
        guard tickets[grant.secretHash] == nil else { return .done(revision: revision) }
        if tickets.count >= Limits.tickets { dropExpiredTickets() }
        guard tickets.count < Limits.tickets else {
            throw Refusal(.limit, "\(tickets.count) tickets can still be redeemed: wait until some expire")
        }
        if let name = grant.nodeName, name.isEmpty { throw Refusal(.invalid, "a ticket for a node without a name") }
        tickets[grant.secretHash] = Ticket(grant)
        return .done(revision: revision)
    }

    private mutating func dropExpiredTickets() {
        let now = time
        tickets = tickets.filter { $0.value.expiresAt > now }
    }

    mutating func apply(_ join: Join, stamp: WallTime) throws(Refusal) -> CommandOutcome {
        guard var ticket = tickets[join.ticketHash] else {
            throw Refusal(.ticketUnknown, "no such ticket: create one with 'blixard ticket create'")
        }
        if let admitted = ticket.redeemed[join.key] {
            guard memberTable[admitted.id] != nil else {
                throw Refusal(
                    .ticketUsed,
                    "key \(join.key.short) redeemed this ticket as node \"\(admitted.name)\", which was "
                        + "removed since: create a new ticket")
            }
            return .joined(admitted)
        }
        guard stamp < ticket.expiresAt else {
            throw Refusal(.ticketExpired, "the ticket expired at \(ticket.expiresAt): create a new one")
        }
        guard ticket.redeemed.count < ticket.uses else {
            throw Refusal(.ticketUsed, "all \(ticket.uses) uses of the ticket are used up: create a new one")
        }
        let member = try newcomer(join, nameOfTicket: ticket.nodeName)
        ticket.redeemed[join.key] = member
        tickets[join.ticketHash] = ticket
        memberTable.add(member)
        touchNode(named: member.name)
        raiseEpochs(ofMachinesBoundTo: member.name)
        return .joined(member)
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

    private func newcomer(_ join: Join, nameOfTicket: String?) throws(Refusal) -> Member {
        guard join.id == nextMemberID else {
            throw Refusal(.stale, "the next member gets the id \(nextMemberID), not \(join.id)")
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
        // Whoever has the name has its machines: that takes an operator's word for this very name.
        let machines = nameOfTicket == nil ? bound(to: name).count : 0
        guard machines == 0 else {
            throw Refusal(
                .nameTaken,
                "\(machines) machines are bound to the name \"\(name)\": choose another name, or take it over "
                    + "with a ticket from 'blixard ticket create --for-node \(name)'")
        }
        if let other = memberTable[key: join.key] {
            throw Refusal(.keyTaken, "key \(join.key.short) is that of node \"\(other.name)\"")
        }
        if let user = access[join.key] {
            throw Refusal(.keyTaken, "key \(join.key.short) is that of the user \"\(user.name)\"")
        }
        return Member(
            id: join.id, name: name, key: join.key, addresses: join.addresses, role: .learner, joinedAt: time,
            level: level)
    }

    mutating func promote(_ id: UInt64) throws(Refusal) -> CommandOutcome {
        var member = try known(id)
        guard member.role != .voter else { return .done(revision: revision) }
        member.role = .voter
        memberTable.update(member)
        touchNode(named: member.name)
        return .done(revision: revision)
    }

    mutating func updateMember(_ id: UInt64, addresses: [String], level: UInt32) throws(Refusal) -> CommandOutcome {
        var member = try known(id)
        guard level >= self.level else {
            throw Refusal(
                .levelUnknown, "node \"\(member.name)\" announces level \(level), but the cluster is at \(self.level)")
        }
        guard member.addresses != addresses || member.level != level else { return .done(revision: revision) }
        member.addresses = addresses
        member.level = level
        memberTable.update(member)
        touchNode(named: member.name)
        return .done(revision: revision)
    }

    /// Takes a member out: what only it could report is settled, what a manifest says of it stays.
    mutating func removeMember(_ id: UInt64) throws(Refusal) -> CommandOutcome {
        let member = try known(id)
        memberTable.remove(id)
        for machine in bound(to: member.name) where machine.deletion != nil { discard(machine) }
        for var image in objects(kind: ObjectKey.imageKind, namespace: nil) {
            if image.nodeStatuses.removeValue(forKey: member.name) != nil { store(image) }
        }
        guard var node = objects[.node(member.name)] else { return .done(revision: revision) }
        if node.spec == emptySpec, node.labels.isEmpty, node.annotations.isEmpty {
            discard(node)
        } else {
            node.status = []
            store(node)
        }
        return .done(revision: revision)
    }

    func known(_ id: UInt64) throws(Refusal) -> Member {
        guard let member = memberTable[id] else { throw Refusal(.unknownMember, "\(id) is the id of no member") }
        return member
    }
}
