import Fleet
import Manifest
import Primitives
import Raft
import Replica
import Testing
import Wire

@Suite("What a leader asks before it records")
struct LeaderAdmissionTests {
    private let request = RequestID(high: 9, low: 9)

    private func end(_ cluster: SmallCluster) -> LogIndex { cluster.nodes[cluster.leader!]!.replica.logEnd.index }

    /// Lets a member hand a command to the leader as if its own caller had asked; answers what the leader says.
    private func hand(
        _ command: Command, author: PublicKey, from node: NodeID, in cluster: inout SmallCluster
    ) throws -> [PeerMessage] {
        let leader = try #require(cluster.leader)
        let proposal = ForwardedProposal(request: request, author: author, command: command)
        let effects = cluster.nodes[leader]!.replica.step(
            .message(from: node, .proposal(proposal)), now: cluster.now, wall: cluster.wall)
        return effects.compactMap { effect in
            guard case .send(let to, let message) = effect, to == node else { return nil }
            if case .raft = message { return nil }
            return message
        }
    }

    private func join(
        id: UInt64 = 4, key: UInt64 = 9, name: String? = nil, addresses: [String] = ["h9:1"],
        ticket: [UInt8] = SmallCluster.ticketHash, incarnation: UInt64 = 5
    ) -> Join {
        Join(
            id: id, name: name, key: SmallCluster.key(key), addresses: addresses, ticketHash: ticket,
            incarnation: incarnation)
    }

    private var refusedJoins: [(Join, Refusal.Reason)] {
        [
            (join(ticket: [UInt8](repeating: 1, count: 32)), .ticketUnknown),
            (join(ticket: []), .invalid),
            (join(id: 9), .stale),
            (join(key: 2), .keyTaken),
            (join(key: 200), .keyTaken),
            (join(name: "node-2"), .nameTaken),
            (join(name: "Not A Name"), .invalid),
            (join(name: String(repeating: "a", count: 1 << 20)), .invalid),
            (join(addresses: []), .invalid),
            (join(addresses: ["h9"]), .invalid),
            (join(addresses: ["h 9:1"]), .invalid),
            (join(addresses: [String(repeating: "a", count: 1 << 20) + ":1"]), .invalid),
            (join(addresses: Array(repeating: "h9:1", count: 1000)), .invalid),
            (join(incarnation: 0), .invalid),
        ]
    }

    @Test("a join that the fleet would refuse is refused with its reason, and nothing of it is recorded")
    func joins() throws {
        var cluster = SmallCluster(size: 3)
        let follower = try #require(cluster.nodes.keys.sorted().first { $0 != cluster.leader })
        let before = end(cluster)
        for (join, reason) in refusedJoins {
            for node in [cluster.leader!, follower] {
                guard case .success(.refused(let refusals))? = cluster.write(.join(join), author: join.key, at: node)
                else {
                    Issue.record("\(reason) at node \(node)")
                    continue
                }
                #expect(refusals.map(\.reason) == [reason])
            }
            let told = try hand(.join(join), author: join.key, from: follower, in: &cluster)
            guard case .writeFailed(let failed)? = told.first, case .refused(let refusals) = failed.failure else {
                Issue.record("\(told)")
                continue
            }
            #expect(failed.request == request && refusals.map(\.reason) == [reason])
        }
        #expect(end(cluster) == before)
        // None of them stands in the way of a newcomer.
        guard case .success(.joined(let member))? = cluster.write(.join(join()), author: SmallCluster.key(9)) else {
            Issue.record("not joined")
            return
        }
        #expect(member.id == 4)
    }

    @Test("a ticket that is used up or too old is refused by the leader's own clock")
    func tickets() throws {
        var cluster = SmallCluster(size: 3)
        let hash = [UInt8](repeating: 2, count: 32)
        let expiry = WallTime(milliseconds: cluster.wall.milliseconds + 60_000)
        _ = cluster.write(.createTicket(TicketGrant(secretHash: hash, expiresAt: expiry, uses: 1)))
        for _ in 0..<600 { cluster.tick() }
        let before = end(cluster)
        let late = cluster.write(.join(join(ticket: hash)), author: SmallCluster.key(9))
        guard case .success(.refused(let refusals))? = late else {
            Issue.record("\(String(describing: late))")
            return
        }
        #expect(refusals.map(\.reason) == [.ticketExpired])
        #expect(end(cluster) == before)
    }

    @Test("an operator makes no tickets: a member is believed when it says whose command it hands on")
    func operatorTickets() throws {
        var cluster = SmallCluster(size: 3)
        let user = PublicKey(Array(repeating: 201, count: 32))!
        _ = cluster.write(.grant(key: user, name: "bob", role: .operator))
        let ticket = TicketGrant(
            secretHash: [UInt8](repeating: 3, count: 32), expiresAt: WallTime(milliseconds: 4_000_000_000_000), uses: 1)
        let follower = try #require(cluster.nodes.keys.sorted().first { $0 != cluster.leader })
        cluster.run { $0.nodes[follower]!.replica.fleet.role(of: user) == .operator }
        for node in [cluster.leader!, follower] {
            guard case .failure(.forbidden)? = cluster.write(.createTicket(ticket), author: user, at: node) else {
                Issue.record("an operator made a ticket at node \(node)")
                return
            }
        }
        let told = try hand(.createTicket(ticket), author: user, from: follower, in: &cluster)
        guard case .writeFailed(let failed)? = told.first, case .forbidden = failed.failure else {
            Issue.record("\(told)")
            return
        }
        guard case .success(.written)? = cluster.write(ReplicaTests.write([ReplicaTests.put("web")], 1), author: user)
        else {
            Issue.record("an operator may write")
            return
        }
    }

    @Test("a node speaks for itself alone")
    func otherNodes() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let followers = cluster.nodes.keys.sorted().filter { $0 != leader }
        let (one, other) = (followers[0].rawValue, followers[1].rawValue)
        func commands(of member: UInt64) -> [Command] {
            [
                .report(
                    NodeReport(
                        member: member, sequence: 1000, nodeStatus: nil, machines: [], images: [], events: [])),
                .updateMember(id: member, addresses: ["elsewhere:1"], level: 1),
            ]
        }
        for target in [other, leader.rawValue] {
            for command in commands(of: target) {
                let told = try hand(command, author: SmallCluster.key(target), from: followers[0], in: &cluster)
                guard case .writeFailed(let failed)? = told.first, case .forbidden = failed.failure else {
                    Issue.record("node \(one) spoke for node \(target): \(told)")
                    continue
                }
            }
        }
        for command in commands(of: one) {
            #expect(try hand(command, author: SmallCluster.key(one), from: followers[0], in: &cluster).isEmpty)
        }
    }
}
