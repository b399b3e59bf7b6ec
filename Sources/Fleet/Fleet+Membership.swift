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

    mutating func promote(_ id: UInt64) throws(Refusal) -> CommandOutcome {
        var member = try known(id)
        guard member.role != .voter else { return .done(revision: revision) }
        member.role = .voter
        memberTable.update(member)
        touchNode(named: member.name)
        recordMember(member, "BecameVoter", "member \(member.id) has the log, and votes from now on")
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
        recordMember(member, "Removed", "member \(member.id) was removed from the cluster")
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

    /// An event of a member's Node object, decided by the entry itself and so the same on every replica.
    mutating func recordMember(_ member: Member, _ reason: String, _ message: String) {
        let key = ObjectKey.node(member.name)
        record([
            EventDraft(
                regarding: key, uid: objects[key]?.uid, type: .normal, reason: reason, message: message,
                source: "cluster")
        ])
    }

    func known(_ id: UInt64) throws(Refusal) -> Member {
        guard let member = memberTable[id] else { throw Refusal(.unknownMember, "\(id) is the id of no member") }
        return member
    }
}
