import Fleet
import Primitives
import Raft
import Replica
import Testing
import Wire

@Suite("A node that does not know its cluster yet")
struct StrangerTests {
    @Test("a node that does not know its cluster yet asks to be asked again, and calls no administrator a stranger")
    func administratorAtANewNode() {
        let now = Instant(milliseconds: 1000)
        let wall = WallTime(milliseconds: 1_700_000_000_000)
        var replica = Replica(
            identity: Replica.Identity(id: NodeID(4), key: SmallCluster.key(4), clusterID: "test"),
            storage: MemoryStorage(), fleet: Fleet(), seed: 1, now: now, wall: wall)
        let submission = WriteSubmission(
            request: RequestID(high: 1, low: 1), author: SmallCluster.admin,
            command: .write(WriteCommand(request: RequestID(high: 1, low: 1), baseRevision: 0, mutations: [])))
        let answers = replica.step(.write(Waiter(7), submission), now: now, wall: wall).compactMap { effect in
            if case .answer(let waiter, let result) = effect { (waiter, result) } else { nil }
        }
        #expect(answers.count == 1)
        guard case (Waiter(7), .failure(.unavailable))? = answers.first else {
            Issue.record("answered \(answers)")
            return
        }
    }
}

@Suite("Members that are not correct")
struct MemberMessageTests {
    private static let travelling: Set<Message.Kind> = [
        .append, .appendResponse, .vote, .voteResponse, .preVote, .preVoteResponse, .snapshot, .heartbeat,
        .heartbeatResponse, .timeoutNow, .readIndex, .readIndexResponse,
    ]

    @Test(
        "a message that members do not say to each other changes nothing, and is counted",
        arguments: Message.Kind.allCases.filter { !travelling.contains($0) })
    func ownAffairs(kind: Message.Kind) throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let follower = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        for (from, to) in [(follower, leader), (leader, follower)] {
            let before = cluster.nodes[to]!.replica
            let message = Message(
                kind, from: from, to: to, term: kind == .propose ? .zero : before.term,
                entries: [Entry(term: .zero, index: .zero, data: [255, 0, 255])])
            let effects = cluster.nodes[to]!.replica.step(
                .message(from: from, .raft(message)), now: cluster.now, wall: cluster.wall)
            let after = cluster.nodes[to]!.replica
            #expect(after.logEnd == before.logEnd && after.leader == leader && after.role == before.role)
            #expect(after.refusedMessages == before.refusedMessages + 1)
            let sent = effects.filter { if case .notice(.refusedMessage) = $0 { false } else { true } }
            #expect(sent.isEmpty, "\(sent)")
        }
        guard case .success(.written)? = cluster.write(ReplicaTests.write([ReplicaTests.put("web")], 1)) else {
            Issue.record("the cluster does not go on")
            return
        }
        #expect(cluster.stopped.isEmpty && cluster.leader == leader)
    }
}
