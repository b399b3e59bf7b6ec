import Raft
import Testing

/// Logs that differ, and how a leader finds out where.
@Suite("Conflicts")
struct ConflictTests {
    private func entries(_ terms: [UInt64]) -> [Entry] {
        terms.enumerated().map { entry($1, UInt64($0 + 2)) }
    }

    /// Gives a node that starts with index 1 of term 1 these entries from index 2 on.
    private func give(_ raw: UInt64, _ terms: [UInt64], _ cluster: inout Cluster) {
        cluster[raw].storage.append(entries(terms))
        cluster[raw].storage.setHardState(
            HardState(term: Term(terms.max() ?? 1), vote: nil, commit: LogIndex(1)))
        cluster.crash(NodeID(raw))
    }

    private func makeLeader(_ cluster: inout Cluster, _ terms: [UInt64]) {
        give(1, terms, &cluster)
        cluster.with(1) { $0.campaign() }
        cluster.takeReady(NodeID(1))
        cluster.finishAppend(NodeID(1))
        cluster.deliver(Message(.voteResponse, from: NodeID(2), to: NodeID(1), term: cluster[1].term))
        cluster.network = []
    }

    @Test("a leader skips its own entries of later terms than a follower's hint")
    func leaderSkips() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        makeLeader(&cluster, [3, 3, 3, 5, 5, 5, 5])
        let peer = try #require(cluster[1].status.peers.last?.progress)
        #expect(cluster[1].isLeader && peer.state == .probe && peer.next == LogIndex(9))
        cluster.deliver(
            Message(
                .appendResponse, from: NodeID(3), to: NodeID(1), term: cluster[1].term, logTerm: Term(2),
                index: LogIndex(8), reject: true, rejectHint: LogIndex(6)))
        #expect(cluster[1].status.peers.last?.progress.next == LogIndex(2))
    }

    @Test("a follower's hint skips its entries of later terms than the leader's")
    func followerSkips() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        give(2, [3, 3, 4, 4, 5, 5, 5, 6], &cluster)
        cluster.deliver(append(1, 2, term: 8, after: (3, 8), []))
        cluster.takeReady(NodeID(2))
        cluster.finishAppend(NodeID(2))
        let answer = try #require(cluster.network.last)
        #expect(answer.reject && answer.index == LogIndex(8))
        #expect(answer.rejectHint == LogIndex(3) && answer.logTerm == Term(3))
    }

    @Test("two long tails that differ are brought together in a probe for each term, not for each entry")
    func fewProbes() {
        var cluster = Cluster(voters: [1, 2, 3])
        give(3, Array(repeating: 4, count: 40) + Array(repeating: 6, count: 40), &cluster)
        makeLeader(&cluster, Array(repeating: 3, count: 40) + Array(repeating: 7, count: 40))
        var rejections = 0
        for _ in 0..<12 {
            for id in [1, 3] as [UInt64] {
                cluster.takeReady(NodeID(id))
                while !cluster.members[NodeID(id)]!.appendWork.isEmpty { cluster.finishAppend(NodeID(id)) }
            }
            cluster.drop { $0.to == NodeID(2) }
            rejections += cluster.network.count { $0.reject }
            while cluster.deliver(where: { _ in true }) {}
        }
        #expect(cluster[3].term(at: LogIndex(81)) == Term(7) && cluster[3].lastIndex == cluster[1].lastIndex)
        #expect(rejections == 2)
    }

    @Test("nothing is appended after an entry that is not the leader's")
    func prefixMustMatch() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        give(2, [2, 2], &cluster)
        cluster.deliver(append(1, 2, term: 4, after: (3, 3), [entry(4, 4)], commit: 4))
        #expect(cluster[2].lastIndex == LogIndex(3) && cluster[2].commitIndex == LogIndex(1))
        cluster.takeReady(NodeID(2))
        cluster.finishAppend(NodeID(2))
        #expect(cluster.network.last?.reject == true)
    }

    @Test("T12: a member that is probed gets no snapshot while its next entry is there")
    func noNeedlessSnapshot() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        let without3: (UInt64, UInt64) -> Bool = { from, to in from != 3 && to != 3 }
        for text in ["a", "b"] { try cluster.propose(1, text) }
        cluster.settle(without3)
        let state = cluster[1].confState
        try cluster[1].storage.createSnapshot(at: cluster[1].appliedIndex, confState: state, data: [])
        cluster.with(1) { $0.reportUnreachable(NodeID(3)) }
        cluster.deliver(Message(.heartbeatResponse, from: NodeID(3), to: NodeID(1), term: cluster[1].term))
        cluster.takeReady(NodeID(1))
        #expect(cluster.network.filter { $0.to == NodeID(3) }.map(\.kind) == [.append])
        cluster.settle()
        #expect(cluster.texts(3) == ["a", "b"])
    }

    @Test("T12: a member whose next entry is the last that is compacted gets the snapshot")
    func snapshotAtExactBoundary() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        let without3: (UInt64, UInt64) -> Bool = { from, to in from != 3 && to != 3 }
        try cluster.propose(1, "a")
        cluster.settle(without3)
        cluster.compact(NodeID(1))
        cluster.with(1) { $0.reportUnreachable(NodeID(3)) }
        let peer = try #require(cluster[1].status.peers.last?.progress)
        #expect(peer.next == cluster[1].storage.compacted.index)
        cluster.deliver(Message(.heartbeatResponse, from: NodeID(3), to: NodeID(1), term: cluster[1].term))
        cluster.takeReady(NodeID(1))
        #expect(cluster.network.filter { $0.to == NodeID(3) }.map(\.kind) == [.snapshot])
        cluster.settle()
        #expect(cluster.texts(3) == ["a"])
    }

    @Test("T31: an acknowledgement under the present term of an entry that was replaced stabilizes nothing")
    func replacedUnderPresentTerm() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.deliver(append(1, 2, term: 2, after: (1, 1), [entry(2, 2, "a")]))
        cluster.takeReady(NodeID(2))
        // A later term, with the entry still being written: this acknowledgement names the entry and the new term.
        cluster.deliver(Message(.heartbeat, from: NodeID(3), to: NodeID(2), term: Term(3)))
        cluster.takeReady(NodeID(2))
        cluster.deliver(append(3, 2, term: 3, after: (1, 1), [entry(3, 2, "b")], commit: 2))
        #expect(cluster.members[NodeID(2)]?.appendWork.count == 2)
        cluster.finishAppend(NodeID(2))
        cluster.finishAppend(NodeID(2))
        cluster.takeReady(NodeID(2))
        #expect(cluster.members[NodeID(2)]?.appendWork.map(\.entries) == [[entry(3, 2, "b")]])
        #expect(cluster.members[NodeID(2)]?.applyWork.isEmpty == true)
        cluster.finishAppend(NodeID(2))
        cluster.takeReady(NodeID(2))
        #expect(cluster.members[NodeID(2)]?.applyWork.map(\.entries) == [[entry(3, 2, "b")]])
    }

    @Test("a member that could not be told of a commit is told as soon as it has answered")
    func commitIsPushed() throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.maxInflightMessages = 1 }
        cluster.elect(1)
        try cluster.propose(1, "x")
        cluster.takeReady(NodeID(1))
        cluster.finishAppend(NodeID(1))
        for follower in [2, 3] as [UInt64] {
            cluster.deliver { $0.kind == .append && $0.to == NodeID(follower) }
            cluster.takeReady(NodeID(follower))
            cluster.finishAppend(NodeID(follower))
        }
        cluster.deliver { $0.kind == .appendResponse && $0.from == NodeID(2) }
        cluster.takeReady(NodeID(1))
        let last = cluster[1].lastIndex
        #expect(cluster[1].commitIndex == last)
        #expect(!cluster.network.contains { $0.to == NodeID(3) })
        cluster.deliver { $0.kind == .appendResponse && $0.from == NodeID(3) }
        cluster.takeReady(NodeID(1))
        #expect(cluster.network.filter { $0.to == NodeID(3) }.map(\.commit) == [last])
    }
}
