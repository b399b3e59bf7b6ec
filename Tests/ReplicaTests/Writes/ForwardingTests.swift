import Fleet
import Primitives
import Raft
import Replica
import Testing
import Wire

@Suite("Writes that are handed on, and what members tell each other")
struct ForwardingTests {
    private let request = RequestID(high: 8, low: 8)

    private func command(_ name: String = "web") -> Command {
        .write(WriteCommand(request: request, baseRevision: 1, mutations: [ReplicaTests.put(name)]))
    }

    private func parts(_ cluster: SmallCluster) throws -> (leader: NodeID, followers: [NodeID]) {
        let leader = try #require(cluster.leader)
        return (leader, cluster.nodes.keys.sorted().filter { $0 != leader })
    }

    @Test("a leader that refused because it did not lead yet gets the write again")
    func refusedTooEarly() throws {
        var cluster = SmallCluster(size: 3)
        let (leader, followers) = try parts(cluster)
        cluster.cut = [leader]
        let waiter = cluster.submit(command(), at: followers[0], request: request)
        let failed = ForwardedFailure(request: request, failure: .notLeader)
        cluster.input(.message(from: leader, .writeFailed(failed)), at: followers[0])
        cluster.settle()
        cluster.cut = []
        for _ in 0..<3 { cluster.tick() }
        guard case .success(.written) = cluster.answers[waiter] else {
            Issue.record("\(String(describing: cluster.answers[waiter]))")
            return
        }
    }

    @Test("a write that an earlier leader got is never answered with \"nothing was recorded\"")
    func mayBeRecorded() throws {
        var cluster = SmallCluster(size: 3)
        let (leader, followers) = try parts(cluster)
        cluster.cut = Set(cluster.nodes.keys)
        let (asked, next) = (followers[0], followers[1])
        let waiter = cluster.submit(command(), at: asked, request: request)
        let term = Term(cluster.nodes[asked]!.replica.term.rawValue + 1)
        cluster.input(
            .message(from: next, .raft(Message(.heartbeat, from: next, to: asked, term: term))), at: asked)
        cluster.settle()
        #expect(cluster.nodes[asked]!.replica.leader == next)
        let failures: [(NodeID, WriteFailure)] = [
            (leader, .unavailable(.leaderBusy)), (next, .unavailable(.leaderBusy)), (next, .forbidden(.leaderOnly)),
        ]
        for (node, failure) in failures {
            let failed = ForwardedFailure(request: request, failure: failure)
            cluster.input(.message(from: node, .writeFailed(failed)), at: asked)
            cluster.settle()
            #expect(cluster.answers[waiter] == nil)
        }
        cluster.run { $0.answers[waiter] != nil }
        #expect(cluster.answers[waiter] == .failure(.outcomeUnknown(request)))
    }

    @Test("a leader takes no decision of its own kind from another node")
    func leadersOwn() throws {
        var cluster = SmallCluster(size: 3)
        let (leader, followers) = try parts(cluster)
        let before = cluster.nodes[leader]!.replica.commitIndex
        let proposal = ForwardedProposal(
            request: request, author: SmallCluster.key(leader.rawValue),
            command: .place(PlacementBatch(bindings: [], notes: [], events: [])))
        cluster.input(.message(from: followers[0], .proposal(proposal)), at: leader)
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster.nodes[leader]!.replica.commitIndex == before)
    }

    @Test("a member's silence is told by the leader alone, and none is too long to be counted on")
    func liveness() throws {
        var cluster = SmallCluster(size: 3)
        let (leader, followers) = try parts(cluster)
        let told = [
            NodeLiveness(id: followers[1].rawValue, silentMilliseconds: .max - 1, roundTripMicroseconds: nil, lag: 0)
        ]
        func tell(_ name: NodeID, from sender: NodeID) {
            let liveness = Liveness(
                term: cluster.nodes[sender]!.replica.term.rawValue, leader: name.rawValue, nodes: told)
            cluster.input(.message(from: sender, .liveness(liveness)), at: followers[0])
            cluster.settle()
        }
        let name = "node-\(followers[1])"
        tell(leader, from: followers[1])
        #expect(cluster.nodes[followers[0]]!.replica.lives(now: cluster.now)[name]?.isReady == true)
        tell(leader, from: leader)
        let later = cluster.now + 500
        #expect(cluster.nodes[followers[0]]!.replica.lives(now: later)[name]?.isReady == false)
    }
}
