import JSONText
import Primitives
import Raft
import Replica
import Testing

@Suite("How much of its log a node keeps")
struct CompactionTests {
    private static let policy = SnapshotPolicy(
        entries: 1000, bytes: 64 << 10, trailingEntries: 20, trailingBytes: 16 << 10)

    private func put(_ number: Int, bytes: Int, in cluster: inout SmallCluster) {
        let spec = JSON.object(["note": .string(String(repeating: "x", count: bytes))])
        _ = cluster.write(ReplicaTests.write([ReplicaTests.put("vm-\(number % 7)", spec)], UInt64(number)))
    }

    @Test(
        "entries kept behind a snapshot are bounded in bytes, so that few large ones are kept, or none",
        arguments: [(bytes: 4 << 10, kept: 3), (bytes: 20 << 10, kept: 0), (bytes: 300, kept: 20)])
    func trailingBytes(bytes: Int, kept: Int) throws {
        var cluster = SmallCluster(size: 1, snapshotPolicy: Self.policy)
        let id = NodeID(1)
        var longest = 0
        for number in 0..<(256 << 10) / bytes {
            put(number, bytes: bytes, in: &cluster)
            cluster.tick()
            longest = max(longest, cluster.nodes[id]!.replica.logLength)
        }
        // What is added until the next snapshot, what is kept behind the last, and the small entries of the beginning.
        #expect(longest <= (64 << 10) / bytes + kept + 10)
        let snapshots = cluster.nodes[id]!.storage.snapshot
        #expect(snapshots != nil)
        // Right behind a snapshot nothing but the kept ones is there.
        var number = 1000
        while cluster.nodes[id]!.storage.snapshot == snapshots, number < 2000 {
            put(number, bytes: bytes, in: &cluster)
            number += 1
        }
        cluster.tick()
        let behind = cluster.nodes[id]!.storage.snapshot!.index
        let replica = cluster.nodes[id]!.replica
        #expect(behind - (replica.logEnd.index - replica.logLength) == kept)
    }

    @Test("a follower that is behind by less than is kept needs no snapshot, by more it needs one", arguments: [2, 30])
    func follower(writes: Int) throws {
        var cluster = SmallCluster(size: 3, snapshotPolicy: Self.policy)
        let leader = try #require(cluster.leader)
        let away = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        // The next snapshot of the leader falls due with the last of these writes.
        for number in 0..<(16 - writes % 16) { put(number, bytes: 4 << 10, in: &cluster) }
        cluster.cut = [away]
        for number in 0..<writes { put(100 + number, bytes: 4 << 10, in: &cluster) }
        cluster.cut = []
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
        #expect(cluster.sentSnapshots.isEmpty == (writes == 2))
    }

    @Test("a snapshot that was due for its bytes and could not be stored is due still")
    func failedSnapshot() {
        var cluster = SmallCluster(size: 1, snapshotPolicy: Self.policy, failsSnapshots: true)
        for number in 0..<20 { put(number, bytes: 4 << 10, in: &cluster) }
        #expect(cluster.failedSnapshots == 1)
        for _ in 0..<300 { cluster.tick() }
        put(20, bytes: 100, in: &cluster)
        #expect(cluster.failedSnapshots == 2)
    }
}
