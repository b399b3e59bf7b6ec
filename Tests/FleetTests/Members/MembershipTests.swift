import Fleet
import Manifest
import Primitives
import Testing

@Suite("Members, tickets and users")
struct MembershipTests {
    @Test("bootstrap makes the first voter, its Node object and the administrator, once")
    func bootstrap() {
        var scenario = Scenario()
        let fleet = scenario.fleet
        #expect(fleet.clusterID == Scenario.clusterID)
        #expect(fleet.level == 1)
        #expect(fleet.members.map(\.name) == ["n1"])
        #expect(fleet.member(id: 1)?.role == .voter)
        #expect(fleet.member(key: Scenario.key(1))?.id == 1)
        #expect(fleet.member(name: "n1")?.addresses == ["10.0.0.1:7001"])
        #expect(fleet.nextMemberID == 2)
        #expect(fleet[.node("n1")]?.spec == Array("{}".utf8))
        #expect(fleet.role(of: Scenario.admin) == .admin)
        #expect(fleet.role(of: Scenario.key(1)) == .node)
        #expect(fleet.role(of: Scenario.key(99)) == nil)
        let second = Bootstrap(
            clusterID: "other", member: .init(id: 1, name: nil, key: Scenario.key(3), addresses: []),
            adminKey: Scenario.key(4), adminName: "eve")
        #expect(scenario.run(.bootstrap(second)).reasons == [.bootstrap])
        #expect(scenario.fleet.clusterID == Scenario.clusterID)
        #expect(scenario.fleet.role(of: Scenario.key(4)) == nil)
    }

    @Test("a newcomer becomes a learner with a Node object, and a voter later")
    func joinAndPromote() {
        var scenario = Scenario()
        guard case .joined(let member) = scenario.addMember(nil, key: 2) else {
            Issue.record("not joined")
            return
        }
        #expect(member.id == 2)
        #expect(member.name == "node-2")
        #expect(member.role == .learner)
        #expect(member.joinedAt == WallTime(milliseconds: scenario.clock))
        #expect(scenario.fleet[.node("node-2")] != nil)
        #expect(scenario.fleet.role(of: Scenario.key(2)) == .node)
        scenario.run(.promote(id: 2))
        #expect(scenario.fleet.member(id: 2)?.role == .voter)
        let revision = scenario.fleet.revision
        #expect(scenario.run(.promote(id: 2)) == .done(revision: revision))
        #expect(scenario.run(.promote(id: 7)).reasons == [.unknownMember])
    }

    @Test("a Node manifest that came first keeps its spec and labels")
    func manifestFirst() {
        var scenario = Scenario()
        scenario.write(.put(.other(.node("n2"), spec: #"{"unschedulable":true}"#, labels: ["zone": "b"])))
        let before = scenario.fleet[.node("n2")]
        scenario.addMember("n2", key: 2)
        let after = scenario.fleet[.node("n2")]
        #expect(after?.uid == before?.uid)
        #expect(after?.spec == before?.spec)
        #expect(after?.labels == ["zone": "b"])
        #expect(after?.generation == 1)
    }

    @Test("the same key redeeming again gets the first answer, whatever has changed since")
    func redeemAgain() {
        var scenario = Scenario()
        let join = scenario.join("n2", key: 2)
        let first = scenario.addMember("n2", key: 2)
        scenario.run(.promote(id: 2))
        #expect(scenario.fleet.isRepeat(join))
        let revision = scenario.fleet.revision
        #expect(scenario.run(.join(join), stamp: .max) == first)
        #expect(scenario.run(.join(scenario.join("other", key: 2))) == first)
        #expect(scenario.fleet.member(id: 2)?.role == .voter)
        #expect(scenario.fleet.revision == revision)
        #expect(!scenario.fleet.isRepeat(scenario.join("n3", key: 3)))
        // The first try's ticket may have been replaced meanwhile; it is the same log that asks.
        let ticket = [UInt8](repeating: 1, count: 32)
        scenario.run(
            .createTicket(.init(secretHash: ticket, expiresAt: .init(milliseconds: scenario.clock * 2), uses: 1)))
        let later = scenario.join("n2", key: 2, ticket: ticket)
        #expect(scenario.fleet.isRepeat(later))
        guard case .joined(let member) = scenario.run(.join(later)) else {
            Issue.record("not answered")
            return
        }
        #expect(member.id == 2 && scenario.fleet.members.count == 2)
        guard case .joined = scenario.run(.join(scenario.join("n4", key: 4, ticket: ticket))) else {
            Issue.record("the repeat used the ticket up")
            return
        }
    }

    @Test(
        "T39: a key whose log is lost is not the member that it was, by any ticket, before that one is removed",
        arguments: [2, 0] as [UInt64])
    func otherLog(incarnation: UInt64) {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        scenario.run(.promote(id: 2))
        let own = [UInt8](repeating: 1, count: 32)
        scenario.run(
            .createTicket(.init(secretHash: own, expiresAt: .init(milliseconds: scenario.clock * 2), uses: 9)))
        let members = scenario.fleet.members
        for ticket in [Scenario.secret, own] {
            for name in ["n2", "n9", nil] {
                let join = scenario.join(name, key: 2, ticket: ticket, incarnation: incarnation)
                #expect(!scenario.fleet.isRepeat(join))
                let why = scenario.fleet.refusal(of: join, stamp: .init(milliseconds: scenario.clock))
                #expect(why?.reason == .keyTaken)
                #expect(why?.message.contains("'blixard cluster remove n2'") == true)
                #expect(scenario.run(.join(join)).reasons == [.keyTaken])
            }
        }
        // A founder never had one.
        let founder = scenario.join("n9", key: 1, ticket: own, incarnation: incarnation)
        #expect(scenario.run(.join(founder)).reasons == [.keyTaken])
        #expect(scenario.fleet.members == members)
        scenario.run(.remove(id: 2, isForced: false))
        guard case .joined(let member) = scenario.run(.join(scenario.join(nil, key: 2, ticket: own, incarnation: 2)))
        else {
            Issue.record("whoever is removed may come again, as somebody else")
            return
        }
        #expect(member.id == 3 && member.role == .learner && member.incarnation == 2)
    }

    @Test("a leader's question before it proposes a join gets the answer that the join then gets")
    func askedBefore() {
        for seed in UInt64(1)...20 {
            var scenario = Scenario()
            var history = RandomHistory(seed: seed)
            history.hasIncarnations = true
            for index in UInt64(2)...400 {
                let before = scenario.fleet
                let envelope = history.next(for: before, at: scenario.clock + Int64(index) * 1000)
                let outcome = scenario.fleet.apply(envelope, index: index)
                guard case .join(let join) = envelope.command else { continue }
                #expect(before.refusal(of: join, stamp: envelope.stamp)?.reason == outcome.reasons.first)
                if before.isRepeat(join) { #expect(before.members == scenario.fleet.members) }
            }
        }
    }

    @Test("a join's ticket must be known, in time by the stamp, and not used up")
    func tickets() {
        var scenario = Scenario()
        let expiry = scenario.clock + 60_000
        let hash = [UInt8](repeating: 1, count: 32)
        scenario.run(.createTicket(.init(secretHash: hash, expiresAt: .init(milliseconds: expiry), uses: 1)))
        #expect(scenario.run(.join(scenario.join("n2", key: 2))).reasons == [.ticketUnknown])
        let join = scenario.join("n2", key: 2, ticket: hash)
        #expect(scenario.run(.join(join), stamp: expiry).reasons == [.ticketExpired])
        #expect(scenario.fleet.time.milliseconds == expiry)
        guard case .joined = scenario.run(.join(join), stamp: expiry - 1) else {
            Issue.record("the stamp decides, not the fleet's time")
            return
        }
        let second = scenario.join("n3", key: 3, ticket: hash)
        #expect(scenario.run(.join(second), stamp: expiry - 1).reasons == [.ticketUsed])
    }

    @Test("id, name and key of a newcomer must be free")
    func newcomer() {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        let hash = [UInt8](repeating: 1, count: 32)
        let expiry = WallTime(milliseconds: scenario.clock * 2)
        scenario.run(.createTicket(.init(secretHash: hash, expiresAt: expiry, uses: 9)))
        #expect(scenario.run(.join(scenario.join("n3", key: 3, id: 2, ticket: hash))).reasons == [.stale])
        #expect(scenario.run(.join(scenario.join("n3", key: 3, id: 4, ticket: hash))).reasons == [.stale])
        #expect(scenario.run(.join(scenario.join("n2", key: 3, ticket: hash))).reasons == [.nameTaken])
        #expect(scenario.run(.join(scenario.join("n3", key: 2, ticket: hash, incarnation: 2))).reasons == [.keyTaken])
        #expect(scenario.run(.join(scenario.join("n3", key: 200, ticket: hash))).reasons == [.keyTaken])
        #expect(scenario.run(.join(scenario.join("", key: 3, ticket: hash))).reasons == [.invalid])
        #expect(scenario.fleet.members.count == 2)
    }

    @Test("tickets that make no sense are refused")
    func badTickets() {
        var scenario = Scenario()
        let hash = [UInt8](repeating: 1, count: 32)
        for grant in [
            TicketGrant(secretHash: [1], expiresAt: .init(milliseconds: 1), uses: 1),
            TicketGrant(secretHash: hash, expiresAt: .init(milliseconds: 1), uses: 0),
            TicketGrant(secretHash: hash, expiresAt: .init(milliseconds: .min), uses: 1),
            TicketGrant(secretHash: hash, expiresAt: .init(milliseconds: .max), uses: 1),
        ] {
            #expect(scenario.run(.createTicket(grant)).reasons == [.invalid])
        }
    }

    @Test("tickets are bounded, and expired ones make room")
    func ticketBound() {
        var scenario = Scenario()
        func grant(_ number: Int, expiresAt: Int64) -> Command {
            var hash = [UInt8](repeating: 0, count: 32)
            hash[0] = UInt8(number & 255)
            hash[1] = UInt8(number >> 8)
            return .createTicket(.init(secretHash: hash, expiresAt: .init(milliseconds: expiresAt), uses: 1))
        }
        let end = scenario.clock + 10_000_000
        for number in 0..<Limits.tickets { scenario.run(grant(number, expiresAt: end)) }
        #expect(scenario.run(grant(2000, expiresAt: end * 2)).reasons == [.limit])
        #expect(scenario.run(grant(2000, expiresAt: end * 2), stamp: end) == .done(revision: scenario.fleet.revision))
    }

    @Test("a member that is removed leaves its id behind for good")
    func removal() {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        #expect(scenario.run(.remove(id: 2, isForced: false)) == .done(revision: scenario.fleet.revision))
        #expect(scenario.fleet.member(id: 2) == nil)
        #expect(scenario.fleet.role(of: Scenario.key(2)) == nil)
        #expect(scenario.fleet[.node("n2")] == nil)
        #expect(scenario.fleet.nextMemberID == 3)
        #expect(scenario.run(.remove(id: 2, isForced: false)).reasons == [.unknownMember])
        #expect(scenario.run(.join(scenario.join("n2", key: 2))).reasons == [.ticketUsed])
        guard case .joined(let member) = scenario.run(.join(scenario.join("n2", key: 3))) else {
            Issue.record("the name is free again")
            return
        }
        #expect(member.id == 3)
    }

    @Test(
        "T39: a node that lost its disk is no member under its old id, and under a new one only by an operator's word")
    func wipedNode() {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        scenario.run(.promote(id: 2))
        scenario.createBound("web", on: "n2")
        scenario.report(2, nodeStatus: "{}", machines: [])
        let members = scenario.fleet.members
        // With a ticket of its own it gets neither its old id nor its old name or key, while these are a member's.
        let ticket = [UInt8](repeating: 1, count: 32)
        let expiry = WallTime(milliseconds: scenario.clock * 2)
        scenario.run(.createTicket(.init(secretHash: ticket, expiresAt: expiry, uses: 9)))
        #expect(scenario.run(.join(scenario.join("n9", key: 9, id: 2, ticket: ticket))).reasons == [.stale])
        #expect(scenario.run(.join(scenario.join("n2", key: 9, ticket: ticket))).reasons == [.nameTaken])
        #expect(scenario.run(.join(scenario.join("n9", key: 2, ticket: ticket, incarnation: 2))).reasons == [.keyTaken])
        #expect(scenario.fleet.members == members)
        // The operator declares it lost; what it had redeemed is void, and what it still says is not heard.
        scenario.run(.remove(id: 2, isForced: false))
        #expect(scenario.run(.join(scenario.join("n2", key: 2))).reasons == [.ticketUsed])
        let report = NodeReport(member: 2, sequence: 9, nodeStatus: nil, machines: [], images: [], events: [])
        #expect(scenario.run(.report(report), author: Scenario.key(2)).reasons == [.unknownMember])
        // It comes as somebody else, who counts for nothing before it is promoted, and holds nothing of before.
        // Whoever has a ticket may join, but not as the one whose machines are waiting: that takes a ticket of its own.
        #expect(scenario.run(.join(scenario.join("n2", key: 9, ticket: ticket))).reasons == [.nameTaken])
        let own = [UInt8](repeating: 2, count: 32)
        scenario.run(.createTicket(.init(secretHash: own, expiresAt: expiry, uses: 1, nodeName: "n2")))
        #expect(scenario.run(.join(scenario.join("n9", key: 9, ticket: own))).reasons == [.invalid])
        guard case .joined(let member) = scenario.run(.join(scenario.join(nil, key: 9, ticket: own))) else {
            Issue.record("not taken")
            return
        }
        #expect(member.id == 3 && member.name == "n2" && member.role == .learner)
        #expect(scenario.run(.join(scenario.join(nil, key: 8, ticket: own))).reasons == [.ticketUsed])
        #expect(scenario.fleet.reportSequence(of: 3) == 0)
        #expect(scenario["web"].binding == .init(node: "n2", epoch: 2))
    }

    @Test("removing a member settles what only it could report, and keeps what manifests say")
    func removalSettles() {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        scenario.write(
            .put(.other(.node("n2"), spec: #"{"unschedulable":true}"#)), .put(.other(.image("i"))))
        scenario.createBound("stays", on: "n2")
        scenario.createBound("goes", on: "n2")
        guard let image = scenario.fleet[.image("i")] else { return }
        scenario.report(2, nodeStatus: "{}", images: [.init(key: image.key, uid: image.uid, status: [1])])
        scenario.write(.delete(.of(.machine("goes"))))
        #expect(scenario.fleet[.machine("goes")] != nil)
        scenario.run(.remove(id: 2, isForced: false))
        #expect(scenario.fleet[.machine("goes")] == nil)
        #expect(scenario["stays"].binding == .init(node: "n2", epoch: 1))
        #expect(scenario.fleet[.image("i")]?.nodeStatuses.isEmpty == true)
        #expect(scenario.fleet[.node("n2")]?.spec == Array(#"{"unschedulable":true}"#.utf8))
        #expect(scenario.fleet[.node("n2")]?.status == [])
        #expect(scenario.write(.delete(.of(.machine("stays")))).operations == [.deleted])
    }

    @Test("a member that takes over a name gets its machines under a higher epoch")
    func takeover() {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        scenario.createBound("web", on: "n2")
        scenario.run(.remove(id: 2, isForced: false))
        let revision = scenario.fleet.revision
        scenario.addMember("n2", key: 3, ticketFor: "n2")
        #expect(scenario["web"].binding == .init(node: "n2", epoch: 2))
        #expect(scenario["web"].generation == 1)
        guard case .changes(let changes) = scenario.fleet.changes(after: revision) else {
            Issue.record("the change is not in the feed")
            return
        }
        #expect(changes.contains { $0.object.key == .machine("web") })
        scenario.createBound("db", on: "n2")
        #expect(scenario["db"].binding == .init(node: "n2", epoch: 1))
    }

    @Test("a member's addresses and level follow what it reports")
    func updateMember() {
        var scenario = Scenario()
        let node = scenario.fleet[.node("n1")]?.resourceVersion
        scenario.run(.updateMember(id: 1, addresses: ["10.9.9.9:1"], level: 2))
        #expect(scenario.fleet.member(id: 1)?.addresses == ["10.9.9.9:1"])
        #expect(scenario.fleet.member(id: 1)?.level == 2)
        #expect(scenario.fleet[.node("n1")]?.resourceVersion != node)
        let revision = scenario.fleet.revision
        scenario.run(.updateMember(id: 1, addresses: ["10.9.9.9:1"], level: 2))
        #expect(scenario.fleet.revision == revision)
        #expect(scenario.run(.updateMember(id: 8, addresses: [], level: 1)).reasons == [.unknownMember])
        #expect(scenario.run(.updateMember(id: 1, addresses: [], level: 0)).reasons == [.levelUnknown])
    }

    @Test("the fleet's level rises by one, once every member understands the next")
    func levels() {
        var scenario = Scenario()
        scenario.addMember("n2", key: 2)
        #expect(scenario.run(.raiseLevel(2)).reasons == [.levelUnknown])
        scenario.run(.updateMember(id: 1, addresses: [], level: 3))
        let refused = scenario.run(.raiseLevel(2))
        #expect(refused.reasons == [.levelUnknown])
        #expect(refused.refusals[0].message.contains("\"n2\" (1)"))
        scenario.run(.updateMember(id: 2, addresses: [], level: 2))
        #expect(scenario.run(.raiseLevel(3)).reasons == [.levelUnknown])
        #expect(scenario.fleet.level == 1)
        #expect(scenario.run(.raiseLevel(2)) == .done(revision: scenario.fleet.revision))
        #expect(scenario.fleet.level == 2)
        #expect(scenario.run(.raiseLevel(2)).reasons == [.levelUnknown])
    }

    @Test("roles are granted, replaced and taken away, but never the last administrator's")
    func access() {
        var scenario = Scenario()
        let user = Scenario.key(50)
        scenario.run(.grant(key: user, name: "bob", role: .viewer))
        #expect(scenario.fleet.role(of: user) == .viewer)
        scenario.run(.grant(key: user, name: "bob", role: .operator))
        #expect(scenario.fleet.role(of: user) == .operator)
        #expect(scenario.fleet.accessEntries.map(\.name) == ["bob", "alice"])
        #expect(scenario.run(.grant(key: user, name: "bob", role: .node)).reasons == [.invalid])
        #expect(scenario.run(.grant(key: Scenario.key(1), name: "n", role: .admin)).reasons == [.keyTaken])
        #expect(scenario.run(.revoke(key: Scenario.admin)).reasons == [.invalid])
        #expect(scenario.run(.grant(key: Scenario.admin, name: "alice", role: .viewer)).reasons == [.invalid])
        scenario.run(.grant(key: user, name: "bob", role: .admin))
        scenario.run(.revoke(key: Scenario.admin))
        #expect(scenario.fleet.role(of: Scenario.admin) == nil)
        #expect(scenario.run(.revoke(key: Scenario.admin)).reasons == [.notFound])
    }
}
