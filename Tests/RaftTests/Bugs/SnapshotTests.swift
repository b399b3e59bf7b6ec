import Raft
import Testing

private func snapshot(_ from: UInt64, _ to: UInt64, term: UInt64, at: (UInt64, UInt64), _ state: ConfState) -> Message {
    Message(
        .snapshot, from: NodeID(from), to: NodeID(to), term: Term(term),
        snapshot: Snapshot(
            metadata: SnapshotMetadata(index: LogIndex(at.1), term: Term(at.0), confState: state), data: []))
}

private let three = ConfState(voters: [1, 2, 3].map { NodeID($0) })

@Suite("Snapshots")
struct SnapshotTests {
    /// A leader whose log begins after what node 3 has.
    private func clusterWithLaggard(_ adjust: (inout Configuration) -> Void = { _ in }) throws -> Cluster {
        var cluster = Cluster(voters: [1, 2, 3], adjust)
        cluster.elect(1)
        for text in ["a", "b", "c"] {
            try cluster.propose(1, text)
            cluster.settle { from, to in from != 3 && to != 3 }
        }
        cluster.compact(NodeID(1))
        return cluster
    }

    @Test("T12: a member whose next entry is compacted gets the snapshot, also right at the boundary")
    func snapshotAtBoundary() throws {
        var cluster = try clusterWithLaggard()
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster.texts(3) == ["a", "b", "c"])
        #expect(cluster[3].storage.snapshot?.index == cluster[1].storage.snapshot?.index)
        try cluster.propose(1, "d")
        cluster.settle()
        #expect(cluster.texts(3) == ["a", "b", "c", "d"])
    }

    @Test("T12: a member that has exactly what was compacted gets entries, not a snapshot")
    func noSnapshotBehindBoundary() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        cluster.compact(NodeID(1))
        try cluster.propose(1, "a")
        cluster.takeReady(NodeID(1))
        #expect(cluster.network.allSatisfy { $0.kind != .snapshot })
        cluster.settle()
        #expect(cluster.texts(3) == ["a"])
    }

    @Test("T13: a snapshot of an older term does not lower the term")
    func termStays() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(3) { try $0.step(snapshot(1, 3, term: 4, at: (2, 9), three)) }
        #expect(cluster[3].term == Term(4) && cluster[3].lastIndex == LogIndex(9))
        #expect(throws: RaftError.self) { try cluster[3].step(snapshot(1, 3, term: 0, at: (2, 12), three)) }
        #expect(cluster[3].term == Term(4))
    }

    @Test("T24: a snapshot taken in a joint configuration brings it back, and changes after it go on from there")
    func snapshotInJointConfiguration() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4])
        cluster.elect(1)
        let change = ConfChangeV2(
            transition: .jointExplicit, changes: [.remove(NodeID(3)), .addVoter(NodeID(4))])
        try cluster.with(1) { try $0.propose(change) }
        cluster.settle { from, to in from != 4 && to != 4 }
        let joint = cluster[1].confState
        #expect(joint.isJoint && joint.votersOutgoing == [1, 2, 3].map { NodeID($0) })
        for id in [1, 2] as [UInt64] { cluster.compact(NodeID(id)) }
        cluster.crash(NodeID(1))
        cluster.crash(NodeID(2))
        #expect(cluster[1].confState == joint)
        cluster.elect(2)
        // The new member gets the joint configuration in a snapshot.
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster[4].confState == joint)
        try cluster.with(2) { try $0.propose(ConfChangeV2.leaveJoint) }
        cluster.settle()
        for id in [1, 2, 4] as [UInt64] {
            #expect(cluster[id].confState == ConfState(voters: [1, 2, 4].map { NodeID($0) }))
        }
    }

    @Test("T25: after a snapshot that failed, the member is probed from what it acknowledged")
    func failedSnapshot() throws {
        var cluster = try clusterWithLaggard()
        cluster.with(1) { $0.reportUnreachable(NodeID(3)) }
        cluster.deliver(
            Message(.heartbeatResponse, from: NodeID(3), to: NodeID(1), term: cluster[1].term))
        cluster.takeReady(NodeID(1))
        let sent = try #require(cluster.network.first { $0.kind == .snapshot })
        let before = try #require(cluster[1].status.peers.last?.progress)
        #expect(before.state == .snapshot && before.pendingSnapshot == sent.snapshot?.index)
        cluster.drop { $0.kind == .snapshot }
        cluster.with(1) { $0.reportSnapshot(NodeID(3), succeeded: false) }
        let after = try #require(cluster[1].status.peers.last?.progress)
        #expect(after.state == .probe && after.next == after.match.next && after.isPaused)
        // The next answer to a heartbeat starts it again.
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster.texts(3) == ["a", "b", "c"])
    }

    @Test("T25: a snapshot of which nothing is heard counts as lost after a while, and is sent again")
    func lostSnapshot() throws {
        var cluster = try clusterWithLaggard { $0.snapshotTicks = 5 }
        cluster.with(1) { $0.reportUnreachable(NodeID(3)) }
        var sent = 0
        for _ in 0..<12 {
            for id in cluster.ids { cluster.members[id]?.node.tick() }
            for _ in 0..<4 {
                for id in cluster.ids { cluster.takeReady(id) }
                sent += cluster.network.count { $0.kind == .snapshot }
                cluster.drop { $0.kind == .snapshot }
                cluster.settle(steps: 1)
            }
        }
        #expect(sent >= 2)
        for _ in 0..<12 { cluster.tick() }
        #expect(cluster.texts(3) == ["a", "b", "c"])
    }

    @Test("a snapshot that arrived is followed by what comes after it")
    func deliveredSnapshot() throws {
        var cluster = try clusterWithLaggard()
        cluster.with(1) { $0.reportUnreachable(NodeID(3)) }
        cluster.deliver(
            Message(.heartbeatResponse, from: NodeID(3), to: NodeID(1), term: cluster[1].term))
        cluster.takeReady(NodeID(1))
        let sent = try #require(cluster.network.first { $0.kind == .snapshot }?.snapshot)
        cluster.with(1) { $0.reportSnapshot(NodeID(3), succeeded: true) }
        let after = try #require(cluster[1].status.peers.last?.progress)
        #expect(after.state == .probe && after.next == sent.index.next && after.isPaused)
    }

    @Test("T26: a second snapshot while the first is being stored replaces it, or is ignored")
    func twoSnapshots() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(3) { try $0.step(snapshot(1, 3, term: 2, at: (1, 5), three)) }
        let first = cluster[3].ready()
        #expect(first.snapshot?.index == LogIndex(5))
        try cluster.with(3) { try $0.step(snapshot(1, 3, term: 2, at: (2, 8), three)) }
        try cluster.with(3) { try $0.step(snapshot(1, 3, term: 2, at: (2, 6), three)) }
        #expect(cluster[3].lastIndex == LogIndex(8))
        let second = cluster[3].ready()
        #expect(second.snapshot?.index == LogIndex(8))
        for ready in [first, second] {
            for work in ready.messages where work.to == .appendThread { _ = cluster[3].completeAppend(work) }
        }
        #expect(cluster[3].appliedIndex == LogIndex(8) && cluster[3].storage.firstIndex == LogIndex(9))
        #expect(!cluster[3].hasReady)
        try cluster[3].step(append(1, 3, term: 2, after: (2, 8), [entry(2, 9)], commit: 9))
        #expect(cluster[3].commitIndex == LogIndex(9))
    }

    @Test("a newcomer behind the compacted log waits for a snapshot that names it, and the leader says so")
    func newcomerBehindCompaction() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4])
        cluster.elect(1)
        try cluster.propose(1, "a")
        cluster.settle()
        cluster.compact(NodeID(1))
        let old = try #require(cluster[1].storage.snapshot)
        try cluster.with(1) { try $0.propose(ConfChange(.addLearner(NodeID(4)))) }
        cluster.settle { from, to in from != 4 && to != 4 }
        cluster[1].storage.overrideSnapshot(old)
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster[1].membersWaitingForSnapshot == [NodeID(4)])
        #expect(cluster[4].lastIndex == .zero)
        cluster.compact(NodeID(1))
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster[1].membersWaitingForSnapshot.isEmpty)
        #expect(cluster[4].commitIndex == cluster[1].commitIndex)
    }

    @Test("a node that waits for its snapshot does not campaign")
    func noCampaignWhileRestoring() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(3) { try $0.step(snapshot(1, 3, term: 2, at: (1, 5), three)) }
        cluster[3].campaign()
        #expect(cluster[3].role == .follower && cluster[3].term == Term(2))
    }

    @Test("a snapshot without the receiver among its members is not taken")
    func foreignSnapshot() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        let without = ConfState(voters: [1, 2].map { NodeID($0) })
        try cluster.with(3) { try $0.step(snapshot(1, 3, term: 2, at: (1, 5), without)) }
        #expect(cluster[3].lastIndex == LogIndex(1))
    }

    @Test("a snapshot of what the log holds only raises the commit index")
    func redundantSnapshot() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(3) { try $0.step(append(1, 3, term: 2, after: (1, 1), [entry(2, 2), entry(2, 3)])) }
        try cluster.with(3) { try $0.step(snapshot(1, 3, term: 2, at: (2, 2), three)) }
        #expect(cluster[3].commitIndex == LogIndex(2) && cluster[3].lastIndex == LogIndex(3))
    }
}

@Suite("Snapshots and applying")
struct SnapshotOverApplyTests {
    @Test("T24: a change that a received snapshot includes is not applied again by work that was under way")
    func changeUnderWay() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        let change = ConfChange(.addVoter(NodeID(4)))
        let added = Entry(term: Term(2), index: LogIndex(2), kind: .membershipV1, data: change.encoded())
        try cluster.with(3) { try $0.step(append(1, 3, term: 2, after: (1, 1), [added], commit: 2)) }
        cluster.takeReady(NodeID(3))
        cluster.finishAppend(NodeID(3))
        cluster.takeReady(NodeID(3))
        let work = try #require(cluster.members[NodeID(3)]?.applyWork.first)
        // The change is handed out. Before it is applied comes a snapshot of after its undoing.
        try cluster.with(3) { try $0.step(snapshot(1, 3, term: 2, at: (2, 9), three)) }
        #expect(try cluster[3].applyConfChange(in: work.entries[0]) == three)
        for message in cluster[3].ready().messages where message.to == .appendThread {
            _ = cluster[3].completeAppend(message)
        }
        cluster[3].completeApply(work)
        #expect(cluster[3].confState == three && cluster[3].appliedIndex == LogIndex(9))
    }
}
