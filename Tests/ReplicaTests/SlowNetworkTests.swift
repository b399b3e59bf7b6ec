import Fleet
import Primitives
import Raft
import Replica
import Testing

@Suite("Reads over a slow network")
struct SlowNetworkTests {
    @Test("an answer that takes longer than a round serves the reads that it was asked for")
    func slowAnswers() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let follower = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        cluster.latencyMilliseconds = 250
        let first = cluster.read(at: follower)
        for _ in 0..<5 { cluster.tick() }
        let second = cluster.read(at: follower)
        cluster.run { $0.reads[second] != nil }
        #expect(cluster.reads[first] == .ready)
        #expect(cluster.reads[second] == .ready)
    }

    @Test("a read is not served by the answer to a question that was asked before it")
    func laterRead() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let follower = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        cluster.latencyMilliseconds = 250
        _ = cluster.read(at: follower)
        for _ in 0..<6 { cluster.tick() }
        // The leader has committed this before the read begins; the follower may have heard nothing of it.
        let waiter = cluster.submit(
            ReplicaTests.write([ReplicaTests.put("web")], 1), author: SmallCluster.admin, at: leader)
        cluster.run { $0.answers[waiter] != nil }
        let read = cluster.read(at: follower)
        cluster.run { $0.reads[read] != nil }
        #expect(cluster.reads[read] == .ready)
        #expect(cluster.nodes[follower]!.replica.fleet[ReplicaTests.key("web")] != nil)
    }
}
