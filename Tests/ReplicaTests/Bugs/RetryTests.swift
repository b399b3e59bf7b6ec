import Fleet
import Primitives
import Raft
import Replica
import Testing

@Suite("Writes that are asked for again")
struct RetryTests {
    private let request = RequestID(high: 44, low: 44)
    private var command: Command { Replay.write("o", 1, request: request, base: 1) }

    private func written(_ result: WriteResult?) -> WriteAnswer? {
        if case .success(.written(let answer)) = result { answer } else { nil }
    }

    private func other(_ number: Int, _ cluster: inout SmallCluster, to name: String = "other") -> WriteResult? {
        let request = RequestID(high: 45, low: UInt64(number))
        let base = cluster.nodes[cluster.leader!]!.replica.fleet.revision
        let waiter = cluster.submit(
            Replay.write(name, number, request: request, base: base), at: cluster.leader!, request: request)
        cluster.run { $0.answers[waiter] != nil }
        return cluster.answers[waiter]
    }

    @Test("T44: a write whose answer was lost has its first answer at a new leader, and happens once")
    func lostAnswer() throws {
        var cluster = SmallCluster(size: 3)
        let old = try #require(cluster.leader)
        let waiter = cluster.submit(command, at: old, request: request)
        let first = try #require(written(cluster.answers[waiter]))
        cluster.nodes[old]!.isUp = false
        cluster.run { $0.leader != nil && $0.leader != old }
        let next = try #require(cluster.leader)
        // Somebody has replaced what was written; a second application would bring it back.
        #expect(written(other(2, &cluster, to: "o")) != nil)
        let revision = cluster.nodes[next]!.replica.fleet.revision
        for id in cluster.nodes.keys.sorted() where id != old {
            let again = cluster.submit(command, at: id, request: request)
            cluster.run { $0.answers[again] != nil }
            #expect(written(cluster.answers[again]) == first)
        }
        #expect(cluster.nodes[next]!.replica.fleet.revision == revision)
        #expect(cluster.nodes[next]!.replica.fleet[Replay.key("o")]?.spec == Array("{\"n\":2}".utf8))
        cluster.restart(old.rawValue)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
    }

    @Test("T44: a write that is in the new leader's log already, not yet committed, and comes again is applied once")
    func twiceInTheLog() throws {
        var cluster = SmallCluster(size: 3)
        let old = try #require(cluster.leader)
        cluster.latencyMilliseconds = ReplicaTiming.tickMilliseconds
        _ = cluster.submit(command, at: old, request: request)
        // It reaches the followers, and their acknowledgements never reach anybody.
        cluster.tick()
        cluster.nodes[old]!.isUp = false
        let entriesBefore = cluster.nodes.values.map { $0.replica.logEnd.index }.max()
        cluster.run { $0.leader != nil && $0.leader != old }
        let next = try #require(cluster.leader)
        #expect(cluster.nodes[next]!.replica.fleet[Replay.key("o")] == nil)
        let again = cluster.submit(command, at: next, request: request)
        cluster.run { $0.answers[again] != nil }
        let answer = try #require(written(cluster.answers[again]))
        #expect(answer.results.map(\.operation) == [.created])
        // The first copy, the entry of the new leader's term, the second copy.
        let end = cluster.nodes[next]!.replica.logEnd.index
        #expect(end.rawValue >= (entriesBefore?.rawValue ?? 0) + 2)
        cluster.restart(old.rawValue)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
        for node in cluster.nodes.values {
            let object = try #require(node.replica.fleet[Replay.key("o")])
            #expect(object.generation == 1 && object.resourceVersion == answer.revision)
        }
    }

    @Test("T44: the node that was asked ends and comes back, and the write asked for again there happens once")
    func askedNodeEnds() throws {
        var cluster = SmallCluster(size: 3)
        let follower = try #require(cluster.nodes.keys.sorted().first { $0 != cluster.leader })
        cluster.latencyMilliseconds = ReplicaTiming.tickMilliseconds
        _ = cluster.submit(command, at: follower, request: request)
        for _ in 0..<2 { cluster.tick() }
        cluster.restart(follower.rawValue)
        cluster.run { $0.nodes[follower]!.replica.isCaughtUp }
        let again = cluster.submit(command, at: follower, request: request)
        cluster.run { $0.answers[again] != nil }
        #expect(written(cluster.answers[again])?.results.map(\.operation) == [.created])
        cluster.run { $0.isLevel }
        #expect(cluster.nodes[follower]!.replica.fleet[Replay.key("o")]?.generation == 1)
    }

    @Test(
        "T44: at the edge of the window a write is known or undecidable, never applied again", arguments: [9, 10, 11])
    func windowEdge(others: Int) throws {
        var cluster = SmallCluster(size: 3, bounds: .small)
        let old = try #require(cluster.leader)
        let waiter = cluster.submit(command, at: old, request: request)
        let first = try #require(written(cluster.answers[waiter]))
        cluster.nodes[old]!.isUp = false
        cluster.run { $0.leader != nil && $0.leader != old }
        for number in 0..<others { #expect(written(other(number, &cluster)) != nil) }
        let next = try #require(cluster.leader)
        let before = cluster.nodes[next]!.replica.fleet[Replay.key("o")]
        let again = cluster.submit(command, at: next, request: request)
        cluster.run { $0.answers[again] != nil }
        if others < FleetBounds.small.requests {
            #expect(written(cluster.answers[again]) == first)
        } else {
            guard case .success(.refused(let refusals)) = cluster.answers[again] else {
                Issue.record("\(String(describing: cluster.answers[again]))")
                return
            }
            #expect(refusals.map(\.reason) == [.requestTooOld])
            #expect(refusals.first?.message.contains("\(request)") == true)
        }
        #expect(cluster.nodes[next]!.replica.fleet[Replay.key("o")] == before)
        cluster.restart(old.rawValue)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
    }

    @Test("T44: a write that never happened is refused as undecidable as well, once its base is before the window")
    func lateFirstTry() throws {
        var cluster = SmallCluster(size: 3, bounds: .small)
        for number in 0..<11 { #expect(written(other(number, &cluster)) != nil) }
        let leader = try #require(cluster.leader)
        let waiter = cluster.submit(command, at: leader, request: request)
        cluster.run { $0.answers[waiter] != nil }
        guard case .success(.refused(let refusals)) = cluster.answers[waiter] else {
            Issue.record("\(String(describing: cluster.answers[waiter]))")
            return
        }
        #expect(refusals.map(\.reason) == [.requestTooOld])
        #expect(cluster.nodes[leader]!.replica.fleet[Replay.key("o")] == nil)
        // Whoever reads the revision now may write again.
        #expect(written(other(20, &cluster)) != nil)
    }
}
