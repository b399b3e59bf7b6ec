import Fleet
import Primitives
import Raft
import Replica
import Testing
import Wire

@Suite("Snapshots of a node's state")
struct SnapshotTests {
    @Test("a snapshot that can't be stored is tried again, but not with every entry")
    func failing() {
        var cluster = SmallCluster(
            size: 1,
            snapshotPolicy: SnapshotPolicy(entries: 5, bytes: 1 << 30, trailingEntries: 2, trailingBytes: 1 << 30),
            failsSnapshots: true)
        let start = cluster.now
        for number in 0..<20 { put(number, in: &cluster) }
        #expect(cluster.now - start < ReplicaTiming.snapshotRetryMilliseconds)
        #expect(cluster.failedSnapshots == 1)
        for _ in 0..<300 { cluster.tick() }
        put(30, in: &cluster)
        #expect(cluster.failedSnapshots == 2)
    }

    @Test("a node that was away while its entries were compacted comes back by a snapshot, streamed once")
    func catchingUp() throws {
        var cluster = Self.cluster()
        let away = try isolateFollower(&cluster)
        for number in 0..<60 { put(number, in: &cluster) }
        cluster.cut = []
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
        #expect(cluster.sentSnapshots.filter(\.isDelivered).map(\.to) == [away])
        // It holds the snapshot on its own disk as well, and goes on from there.
        cluster.restart(away.rawValue)
        put(61, in: &cluster)
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
    }

    @Test("a transfer that failed is told, and another follows")
    func failedTransfer() throws {
        var cluster = Self.cluster()
        let away = try isolateFollower(&cluster)
        for number in 0..<60 { put(number, in: &cluster) }
        cluster.transfersToFail = 3
        cluster.cut = []
        cluster.run { $0.isLevel }
        #expect(cluster.isLevel)
        #expect(cluster.sentSnapshots.filter { !$0.isDelivered }.count >= 3)
        #expect(cluster.sentSnapshots.last?.to == away)
    }

    @Test("a snapshot among messages, and one that is not the state it names, are refused")
    func foreignSnapshots() throws {
        var cluster = Self.cluster()
        let leader = try #require(cluster.leader)
        let follower = try #require(cluster.nodes.keys.first { $0 != leader })
        let fleet = cluster.nodes[leader]!.replica.fleet
        let before = cluster.nodes[follower]!.replica.fleet.stateHash
        let metadata = SnapshotMetadata(
            index: LogIndex(fleet.appliedIndex + 500), term: Term(90), confState: ConfState(voters: [NodeID(9)]))
        let message = Message(
            .snapshot, from: leader, to: follower, term: Term(90),
            snapshot: Snapshot(metadata: metadata, data: fleet.encodeSnapshot()))
        let inputs: [ReplicaInput] = [
            .message(from: leader, .raft(message)), .snapshotReceived(from: leader, message, fleet),
        ]
        for input in inputs {
            let effects = cluster.nodes[follower]!.replica.step(input, now: cluster.now, wall: cluster.wall)
            let isRefused = effects.contains { if case .notice(.refusedMessage) = $0 { true } else { false } }
            #expect(isRefused)
        }
        #expect(cluster.nodes[follower]!.replica.fleet.stateHash == before)
    }

    @Test("the same snapshot delivered three times over is taken once, whenever the journal is done with it")
    func duplicates() throws {
        var cluster = Self.cluster()
        let away = try isolateFollower(&cluster)
        for number in 0..<60 { put(number, in: &cluster) }
        let leader = try #require(cluster.leader)
        var replica = cluster.nodes[away]!.replica
        let fleet = cluster.nodes[leader]!.replica.fleet
        let metadata = SnapshotMetadata(
            index: LogIndex(fleet.appliedIndex), term: cluster.nodes[leader]!.replica.term,
            confState: ConfState(voters: [NodeID(1), NodeID(2), NodeID(3)]))
        let message = Message(
            .snapshot, from: leader, to: away, term: metadata.term,
            snapshot: Snapshot(metadata: metadata, data: fleet.encodeSnapshot()))
        let input = ReplicaInput.snapshotReceived(from: leader, message, fleet)
        var works: [AppendWork] = []
        for effects in [
            replica.step([input, input], now: cluster.now, wall: cluster.wall),
            replica.step(input, now: cluster.now, wall: cluster.wall),
        ] {
            for case .append(let work) in effects { works.append(work) }
        }
        let stored = try #require(works.first { $0.message.snapshot != nil })
        #expect(works.filter { $0.message.snapshot != nil }.count == 1)
        #expect(stored.snapshotStateHash == fleet.stateHash)
        #expect(replica.fleet.appliedIndex < fleet.appliedIndex, "not before it is durable")
        for work in works { _ = replica.step(.appended(work.message), now: cluster.now, wall: cluster.wall) }
        #expect(replica.fleet.stateHash == fleet.stateHash)
        _ = replica.step(input, now: cluster.now, wall: cluster.wall)
        #expect(replica.fleet.stateHash == fleet.stateHash)
    }

    private static func cluster() -> SmallCluster {
        SmallCluster(
            size: 3,
            snapshotPolicy: SnapshotPolicy(entries: 20, bytes: 1 << 30, trailingEntries: 5, trailingBytes: 1 << 30))
    }

    private func isolateFollower(_ cluster: inout SmallCluster) throws -> NodeID {
        let leader = cluster.leader
        let away = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        cluster.cut = [away]
        return away
    }

    private func put(_ number: Int, in cluster: inout SmallCluster) {
        _ = cluster.write(ReplicaTests.write([ReplicaTests.put("vm-\(number)")], UInt64(number)))
    }
}

extension SmallCluster {
    /// Whether every node has the same state.
    var isLevel: Bool {
        Set(nodes.values.map { $0.replica.fleet.stateHash }).count == 1
            && Set(nodes.values.map { $0.replica.fleet.appliedIndex }).count == 1
    }
}
