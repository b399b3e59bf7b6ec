import Fleet
import Primitives
import Raft
import Replica
import Testing

@Suite("A disk that does not answer")
struct DiskStallTests {
    private static let electionMilliseconds =
        Int64(ReplicaTiming.electionTicks) * ReplicaTiming.tickMilliseconds

    private func write(_ number: Int, at id: NodeID, in cluster: inout SmallCluster) -> Waiter {
        let request = RequestID(high: 42, low: UInt64(number))
        return cluster.submit(Replay.write("o\(number)", number, request: request, base: 1), at: id, request: request)
    }

    @Test("T42: a leader whose journal never answers lets another lead within two election timeouts")
    func stalledLeader() throws {
        var cluster = SmallCluster(size: 3)
        let old = try #require(cluster.leader)
        cluster.stalledDisks = [old]
        let stalledAt = cluster.now
        _ = write(1, at: old, in: &cluster)
        cluster.run { $0.nodes[old]!.replica.role != .leader }
        #expect(cluster.now - stalledAt <= 2 * Self.electionMilliseconds)
        let steppedDownAt = cluster.now
        cluster.run { $0.leader != nil && $0.leader != old }
        // Each of the others waits for one to two timeouts, and a split vote is possible.
        #expect(cluster.now - steppedDownAt <= 4 * Self.electionMilliseconds)
        let next = try #require(cluster.leader)
        #expect(next != old)
        let waiter = write(2, at: next, in: &cluster)
        cluster.run { $0.answers[waiter] != nil }
        guard case .success(.written) = cluster.answers[waiter] else {
            Issue.record("\(String(describing: cluster.answers[waiter]))")
            return
        }
    }

    @Test("T42: a leader whose disk does not answer neither leads again nor disturbs the new leader")
    func noReturn() throws {
        var cluster = SmallCluster(size: 3)
        let old = try #require(cluster.leader)
        cluster.stalledDisks = [old]
        _ = write(1, at: old, in: &cluster)
        cluster.run { $0.leader != nil && $0.leader != old }
        let next = try #require(cluster.leader)
        let term = cluster.nodes[next]!.replica.term
        for number in 0..<300 {
            cluster.tick()
            if number.isMultiple(of: 30) { _ = write(100 + number, at: next, in: &cluster) }
            #expect(cluster.nodes[old]!.replica.role != .leader)
        }
        #expect(cluster.leader == next && cluster.nodes[next]!.replica.term == term)
        cluster.wakeDisk(of: old)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
        #expect(
            cluster.nodes[old]!.replica.fleet[Replay.key("o1")] == cluster.nodes[next]!.replica.fleet[Replay.key("o1")])
        #expect(cluster.nodes[old]!.replica.fleet[Replay.key("o370")] != nil)
    }

    @Test("T42: what a stalled leader took is answered as committed or as unknown, and asked for again happens once")
    func openWrites() throws {
        var cluster = SmallCluster(size: 3)
        let old = try #require(cluster.leader)
        cluster.stalledDisks = [old]
        cluster.starved = Set(cluster.nodes.keys)
        let waiter = write(1, at: old, in: &cluster)
        cluster.run { $0.nodes[old]!.replica.role != .leader }
        cluster.starved = []
        cluster.run { $0.answers[waiter] != nil }
        let next = try #require(cluster.leader)
        let again = write(1, at: next, in: &cluster)
        cluster.run { $0.answers[again] != nil }
        guard case .success(.written(let answer)) = cluster.answers[again] else {
            Issue.record("\(String(describing: cluster.answers[again]))")
            return
        }
        #expect(answer.results.map(\.operation) == [.created])
        cluster.wakeDisk(of: old)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
        #expect(cluster.nodes[old]!.replica.fleet[Replay.key("o1")]?.generation == 1)
    }

    @Test("T42: a leader that was stopped itself does not take that for a fault of its disk")
    func stoppedLeader() throws {
        var cluster = SmallCluster(size: 1)
        let leader = try #require(cluster.leader)
        cluster.stalledDisks = [leader]
        _ = write(1, at: leader, in: &cluster)
        for _ in 0..<ReplicaTiming.diskStallTicks - 2 { cluster.tick() }
        cluster.now = cluster.now + 60_000
        cluster.tick()
        #expect(cluster.nodes[leader]!.replica.role == .leader)
        cluster.tick()
        #expect(cluster.nodes[leader]!.replica.role == .follower)
    }

    @Test("T42: a leader whose journal is slow, but goes on, keeps leading")
    func slowLeader() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let term = cluster.nodes[leader]!.replica.term
        for number in 0..<5 {
            cluster.stalledDisks = [leader]
            _ = write(number, at: leader, in: &cluster)
            for _ in 0..<ReplicaTiming.diskStallTicks - 1 { cluster.tick() }
            cluster.wakeDisk(of: leader)
        }
        #expect(cluster.leader == leader && cluster.nodes[leader]!.replica.term == term)
    }

    @Test("T42: a follower whose journal never answers acknowledges nothing, and the others go on")
    func stalledFollower() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let stalled = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        cluster.stalledDisks = [stalled]
        for number in 0..<20 {
            let waiter = write(number, at: leader, in: &cluster)
            cluster.run { $0.answers[waiter] != nil }
            guard case .success(.written) = cluster.answers[waiter] else {
                Issue.record("\(String(describing: cluster.answers[waiter]))")
                return
            }
        }
        let match = try #require(cluster.nodes[leader]!.replica.matchIndexes.first { $0.node == stalled }?.match)
        #expect(match <= cluster.nodes[stalled]!.storage.lastIndex)
        #expect(cluster.leader == leader)
        cluster.wakeDisk(of: stalled)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
    }
}
