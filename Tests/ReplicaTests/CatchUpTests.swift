import Fleet
import Primitives
import Raft
import Replica
import Testing

@Suite("A node that was away for a long time", .serialized)
struct CatchUpTests {
    private static let entries = 100_000
    /// What arrives at a leader together.
    private static let writesAtOnce = 500

    /// Puts so many small writes into the log, many at a time, and watches how long the logs get.
    private func write(_ count: Int, from first: Int, in cluster: inout SmallCluster) throws -> Int {
        let leader = try #require(cluster.leader)
        let base = cluster.nodes[leader]!.replica.fleet.revision
        var longest = 0
        for start in stride(from: first, to: first + count, by: Self.writesAtOnce) {
            for number in start..<min(start + Self.writesAtOnce, first + count) {
                let request = RequestID(high: 100, low: UInt64(number))
                cluster.input(
                    .write(
                        Waiter(UInt64(1_000_000 + number)),
                        WriteSubmission(
                            request: request, author: SmallCluster.admin,
                            command: Replay.write("o\(number % 100)", number, request: request, base: base))),
                    at: leader)
            }
            cluster.settle()
            cluster.tick()
            for node in cluster.nodes.values { longest = max(longest, node.replica.logLength) }
        }
        return longest
    }

    @Test("a node that missed 100,000 entries gets a snapshot and the rest of the log, and no log grows without bound")
    func catchUp() throws {
        let policy = SnapshotPolicy.standard
        var cluster = SmallCluster(size: 3, snapshotPolicy: policy)
        cluster.stepsTogether = true
        let leader = try #require(cluster.leader)
        let away = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        cluster.cut = [away]
        let start = cluster.nodes[leader]!.replica.commitIndex
        let clock = ContinuousClock()
        let began = clock.now
        let longest = try write(Self.entries, from: 0, in: &cluster)
        #expect(cluster.nodes[leader]!.replica.commitIndex >= start + Self.entries)
        #expect(cluster.answers.count >= Self.entries)
        // What was under way when a snapshot fell due comes on top.
        #expect(longest <= policy.entries + policy.trailingEntries + 2 * Self.writesAtOnce)
        let returned = clock.now
        #expect(cluster.nodes[away]!.replica.commitIndex < start + 10)
        cluster.cut = []
        // More is written while it comes back.
        let more = try write(2000, from: Self.entries, in: &cluster)
        #expect(more <= policy.entries + policy.trailingEntries + 2 * Self.writesAtOnce)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
        let snapshots = cluster.sentSnapshots.filter { $0.to == away && $0.isDelivered }
        #expect(snapshots.count == 1)
        #expect(snapshots.first.map { $0.index >= start + Self.entries - policy.entries } == true)
        #expect(
            cluster.nodes[away]!.replica.fleet[Replay.key("o1")]
                == cluster.nodes[leader]!.replica.fleet[Replay.key("o1")])
        print("replica: \(Self.entries) entries in \(returned - began), caught up in \(clock.now - returned)")
        // What its disk holds is enough to come back from.
        cluster.restart(away.rawValue)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
    }
}

extension Replica {
    /// How many entries this node's log holds.
    var logLength: Int {
        var (low, high) = (LogIndex.zero, logEnd.index)
        // The terms of compacted entries are unknown, those of the others are not.
        while low < high {
            let middle = low + (high - low) / 2
            if logTerm(at: middle) == nil { low = middle.next } else { high = middle }
        }
        return logEnd.index - low
    }
}
