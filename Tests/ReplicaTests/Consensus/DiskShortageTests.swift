import Fleet
import JSONText
import Primitives
import Raft
import Replica
import Testing

@Suite("T37: A disk without room for the log")
struct DiskShortageTests {
    @Test("T37: a leader without room refuses writes, hands leadership over, and the cluster goes on")
    func leader() throws {
        var cluster = SmallCluster(size: 3)
        let short = try #require(cluster.leader)
        let appended = cluster.appended[short]
        cluster.input(.diskShort(true), at: short)
        let refused = cluster.submit(Self.write(1), at: short)
        if let answer = cluster.answers[refused] {
            #expect(answer == .failure(.unavailable(.diskFull(leader: short.rawValue))))
        } else {
            #expect(cluster.nodes[short]!.replica.role != .leader)
        }
        cluster.run { $0.leader != nil && $0.leader != short }
        let heir = try #require(cluster.leader)
        #expect(heir != short)
        let unready = cluster.nodes[short]?.replica.unreadiness
        #expect(unready?.contains("no room") == true, "\(unready ?? "ready")")
        guard case .success? = cluster.write(Self.write(2), at: heir) else {
            Issue.record("the new leader did not take a write")
            return
        }
        // The new term is all that it wrote.
        let entries = cluster.nodes[short]!.storage.lastIndex
        for number in 3..<8 { _ = cluster.write(Self.write(UInt64(number)), at: heir) }
        #expect(cluster.nodes[short]!.storage.lastIndex == entries)
        #expect((cluster.appended[short] ?? 0) <= (appended ?? 0) + 2)
        cluster.input(.diskShort(false), at: short)
        cluster.run { $0.isLevel && $0.nodes[short]?.replica.unreadiness == nil }
        #expect(cluster.isLevel)
        #expect(cluster.nodes[short]?.replica.unreadiness == nil)
    }

    @Test("a node that is far behind its leader is not ready, says by how much, and is ready when it has caught up")
    func lagging() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let behind = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        #expect(cluster.nodes[behind]?.replica.unreadiness == nil)
        cluster.starved = [behind]
        // One small object again and again.
        cluster.stepsTogether = true
        for number in UInt64(0)..<1100 {
            let spec: JSON = ["runStrategy": "Halted", "vcpus": .integer(Int64(1 + number % 2))]
            cluster.input(
                .write(
                    Waiter(10_000 + number),
                    WriteSubmission(
                        request: RequestID(high: 5, low: number), author: SmallCluster.admin,
                        command: ReplicaTests.write([ReplicaTests.put("web", spec)], 5000 + number))), at: leader)
        }
        cluster.settle()
        cluster.run { $0.nodes[behind]?.replica.unreadiness != nil }
        let unready = try #require(cluster.nodes[behind]?.replica.unreadiness)
        #expect(unready.hasPrefix("this node is 1") && unready.hasSuffix(" entries behind the leader"), "\(unready)")
        #expect(cluster.nodes[leader]?.replica.unreadiness == nil)
        cluster.starved = []
        cluster.run { $0.isLevel && $0.nodes[behind]?.replica.unreadiness == nil }
        #expect(cluster.nodes[behind]?.replica.unreadiness == nil)
    }

    @Test("a leader that is about to end hands leadership over, and takes none any more")
    func end() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        cluster.input(.handOver, at: leader)
        cluster.run { $0.leader != nil && $0.leader != leader }
        let heir = try #require(cluster.leader)
        #expect(heir != leader)
        guard case .success? = cluster.write(Self.write(1), at: heir) else {
            Issue.record("the new leader did not take a write")
            return
        }
    }

    @Test("T37: a node without room votes, and never leads")
    func voter() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let followers = cluster.nodes.keys.sorted().filter { $0 != leader }
        cluster.input(.diskShort(true), at: followers[0])
        cluster.settle()
        cluster.cut = [leader]
        cluster.run { $0.leader != nil }
        // With the old leader cut off, the other follower needs this vote.
        #expect(cluster.leader == followers[1])
        cluster.cut = [leader, followers[1]]
        for _ in 0..<60 { cluster.tick() }
        #expect(cluster.nodes[followers[0]]!.replica.role == .follower)
    }

    @Test("T37: leadership goes on to the next voter if the first has no room either")
    func severalShort() throws {
        var cluster = SmallCluster(size: 5)
        let leader = try #require(cluster.leader)
        let others = cluster.nodes.keys.sorted().filter { $0 != leader }
        for id in others.dropLast() { cluster.input(.diskShort(true), at: id) }
        cluster.settle()
        cluster.input(.diskShort(true), at: leader)
        cluster.settle()
        cluster.run { $0.leader == others.last }
        #expect(cluster.leader == others.last)
    }

    @Test("T37: a follower without room is sent nothing that it can't take, and catches up when it has room again")
    func shortFollower() throws {
        var cluster = SmallCluster(size: 3)
        let leader = try #require(cluster.leader)
        let short = try #require(cluster.nodes.keys.sorted().last { $0 != leader })
        cluster.input(.diskShort(true), at: short)
        cluster.settle()
        _ = cluster.write(Self.write(1), at: leader)
        // It has told by now.
        cluster.tick()
        cluster.tick()
        let sent = cluster.sentAppends[short]
        for number in 2..<8 {
            _ = cluster.write(Self.write(UInt64(number)), at: leader)
            for _ in 0..<10 { cluster.tick() }
        }
        #expect(cluster.sentAppends[short] == sent)
        #expect(cluster.leader == leader)
        // Heard all the same: with it alone the leader keeps its quorum and reads are answered.
        cluster.cut = Set(cluster.nodes.keys.filter { $0 != leader && $0 != short })
        for _ in 0..<40 { cluster.tick() }
        let read = cluster.read(at: leader)
        cluster.run { $0.reads[read] != nil }
        #expect(cluster.reads[read] == .ready)
        cluster.cut = []
        cluster.input(.diskShort(false), at: short)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
    }

    private static func write(_ number: UInt64) -> Command {
        ReplicaTests.write([ReplicaTests.put("vm-\(number)")], number)
    }
}
