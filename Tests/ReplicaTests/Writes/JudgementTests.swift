import Fleet
import JSONText
import Manifest
import Primitives
import Raft
import Replica
import Testing

@Suite("Changes of bound machines, judged where they are recorded")
struct JudgementTests {
    private func put(_ gibibytes: Int) -> Mutation {
        let spec: JSON = [
            "disks": [["name": "data", "size": .string("\(gibibytes)Gi"), "format": "raw"]], "memory": "32Mi",
        ]
        return .put(
            Put(
                key: ReplicaTests.key("db"), labels: [:], annotations: [:], spec: spec.canonicalBytes,
                precondition: .none, requiredNode: nil))
    }

    private func write(_ gibibytes: Int, _ number: UInt64) -> Command { ReplicaTests.write([put(gibibytes)], number) }

    private func size(_ cluster: SmallCluster) throws -> Int64? {
        let object = try #require(cluster.nodes[cluster.leader!]!.replica.fleet[ReplicaTests.key("db")])
        return try VirtualMachineSpec(canonical: object.spec).disks.first?.sizeBytes
    }

    private func bound() throws -> SmallCluster {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(write(10, 1))
        cluster.run { $0.nodes[$0.leader!]!.replica.fleet[ReplicaTests.key("db")]?.binding != nil }
        #expect(try size(cluster) == 10 << 30)
        return cluster
    }

    private func isShrinking(_ result: WriteResult?) -> Bool {
        guard case .success(.refused(let refusals))? = result else { return false }
        return refusals.map(\.field) == ["spec.disks[0].size"] && refusals[0].key == ReplicaTests.key("db")
    }

    @Test("two changes that each fit what they saw do not shrink a disk together", arguments: [0, 1])
    func together(follower: Int) throws {
        var cluster = try bound()
        let leader = try #require(cluster.leader)
        let other = cluster.nodes.keys.sorted().filter { $0 != leader }[follower]
        cluster.latencyMilliseconds = ReplicaTiming.tickMilliseconds
        // Neither is applied when the other is judged.
        let waiters = [
            cluster.submit(write(20, 2), at: leader, request: RequestID(high: 7, low: 2)),
            cluster.submit(write(15, 3), at: follower == 0 ? leader : other, request: RequestID(high: 7, low: 3)),
        ]
        cluster.run { cluster in waiters.allSatisfy { cluster.answers[$0] != nil } }
        guard case .success(.written)? = cluster.answers[waiters[0]] else {
            Issue.record("\(String(describing: cluster.answers[waiters[0]]))")
            return
        }
        #expect(isShrinking(cluster.answers[waiters[1]]), "\(String(describing: cluster.answers[waiters[1]]))")
        #expect(try size(cluster) == 20 << 30)
    }

    @Test("two changes that fit in either order are both made, though one was judged before the other was applied")
    func bothFit() throws {
        var cluster = try bound()
        let leader = try #require(cluster.leader)
        cluster.latencyMilliseconds = ReplicaTiming.tickMilliseconds
        let waiters = [(20, 2), (30, 3)].map { size, number in
            cluster.submit(write(size, UInt64(number)), at: leader, request: RequestID(high: 7, low: UInt64(number)))
        }
        cluster.run { cluster in waiters.allSatisfy { cluster.answers[$0] != nil } }
        for waiter in waiters {
            guard case .success(.written)? = cluster.answers[waiter] else {
                Issue.record("\(String(describing: cluster.answers[waiter]))")
                continue
            }
        }
        #expect(try size(cluster) == 30 << 30)
    }

    @Test("a follower that is behind refuses nothing by what it has; the leader's reasons arrive whole")
    func staleFollower() throws {
        var cluster = try bound()
        let leader = try #require(cluster.leader)
        let node = cluster.nodes[leader]!.replica.fleet[ReplicaTests.key("db")]?.binding?.node
        let behind = try #require(cluster.nodes.keys.sorted().first { $0 != leader && "node-\($0)" != node })
        let told = cluster.write(write(5, 2), at: behind)
        #expect(isShrinking(told), "\(String(describing: told))")
        cluster.starved = [behind]
        let delete = Delete(
            key: ReplicaTests.key("db"), uid: nil, resourceVersion: nil, graceSeconds: 0, ignoreMissing: false)
        _ = cluster.write(ReplicaTests.write([.delete(delete)], 3), at: leader)
        cluster.run { $0.nodes[leader]!.replica.fleet[ReplicaTests.key("db")] == nil }
        #expect(cluster.nodes[behind]!.replica.fleet[ReplicaTests.key("db")] != nil)
        let other = cluster.submit(write(4, 4), at: behind)
        #expect(cluster.answers[other] == nil)
        cluster.starved = []
        cluster.run { $0.answers[other] != nil }
        guard case .success(.written)? = cluster.answers[other] else {
            Issue.record("\(String(describing: cluster.answers[other]))")
            return
        }
        #expect(try size(cluster) == 4 << 30)
    }
}
