import Primitives
import Raft
import Replica
import Testing

@Suite("Snapshots of a node's state")
struct SnapshotTests {
    @Test("a snapshot that can't be stored is tried again, but not with every entry")
    func failing() {
        var cluster = SmallCluster(
            size: 1, snapshotPolicy: SnapshotPolicy(entries: 5, bytes: 1 << 30, trailingEntries: 2))
        let start = cluster.now
        for number in 0..<20 {
            _ = cluster.write(ReplicaTests.write([ReplicaTests.put("vm-\(number)")], UInt64(number)))
        }
        #expect(cluster.now - start < ReplicaTiming.snapshotRetryMilliseconds)
        #expect(cluster.failedSnapshots == 1)
        for _ in 0..<300 { cluster.tick() }
        _ = cluster.write(ReplicaTests.write([ReplicaTests.put("web")], 30))
        #expect(cluster.failedSnapshots == 2)
    }
}
