import Raft
import Testing

@Suite("Replication")
struct ReplicationTests {
    @Test("T03: an entry of an older term on a majority is not committed by counting (the paper's figure 8)")
    func figureEight() throws {
        // (c) of the figure: 1 leads again in term 4, and still has an entry of its term 2 that only 2 has too.
        var cluster = Cluster(voters: [1, 2, 3, 4, 5])
        let term = Term(4)
        cluster[1].storage.append([entry(2, 2, "old")])
        cluster[1].storage.setHardState(HardState(term: Term(3), vote: nil, commit: LogIndex(1)))
        cluster.crash(NodeID(1))
        cluster.with(1) { $0.campaign() }
        cluster.takeReady(NodeID(1))
        cluster.finishAppend(NodeID(1))
        for voter in [2, 3] as [UInt64] {
            cluster.deliver(Message(.voteResponse, from: NodeID(voter), to: NodeID(1), term: term))
        }
        #expect(cluster[1].isLeader && cluster[1].lastIndex == LogIndex(3))
        cluster.takeReady(NodeID(1))
        cluster.finishAppend(NodeID(1))
        var node = cluster[1]
        let acknowledge = { (from: UInt64, index: UInt64) throws in
            try node.step(
                Message(
                    .appendResponse, from: NodeID(from), to: NodeID(1), term: term, index: LogIndex(index)))
        }
        // Now the old entry is on 1, 2 and 3: a majority, but not committed.
        try acknowledge(2, 2)
        try acknowledge(3, 2)
        #expect(node.commitIndex == LogIndex(1))
        // (e) of the figure: with an entry of term 4 on a majority both are.
        try acknowledge(2, 3)
        #expect(node.commitIndex == LogIndex(1))
        try acknowledge(3, 3)
        #expect(node.commitIndex == LogIndex(3))
    }

    @Test("T10: with an entry of its own term on a majority, a leader commits all before it")
    func oldEntriesFollow() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        try cluster.propose(1, "old")
        cluster.settle { from, to in from == 1 && to == 2 }
        cluster.settle { _, _ in false }
        cluster.crash(NodeID(1))
        cluster.elect(2) { from, to in from != 1 && to != 1 }
        #expect(cluster[2].isLeader)
        #expect(cluster.texts(3) == ["old"])
        #expect(cluster[2].commitIndex == cluster[2].lastIndex)
    }

    @Test("T05: an append that arrives after a longer one cuts nothing off")
    func reorderedAppends() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [entry(2, 2), entry(2, 3)])) }
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [entry(2, 2)])) }
        #expect(cluster[2].lastIndex == LogIndex(3))
    }

    @Test("T06: the commit index goes no further than the last entry that the leader vouched for")
    func commitIsCapped() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        // A tail of a deposed leader.
        try cluster.with(2) {
            try $0.step(append(3, 2, term: 2, after: (1, 1), [entry(2, 2), entry(2, 3), entry(2, 4)]))
        }
        try cluster.with(2) { try $0.step(append(1, 2, term: 3, after: (1, 1), [], commit: 4)) }
        #expect(cluster[2].commitIndex == LogIndex(1))
        try cluster.with(2) { try $0.step(append(1, 2, term: 3, after: (2, 2), [entry(2, 3)], commit: 9)) }
        #expect(cluster[2].commitIndex == LogIndex(3))
        #expect(cluster[2].lastIndex == LogIndex(4))
    }

    @Test("T07: an empty append cuts nothing off, stored or not")
    func emptyAppend() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [entry(2, 2), entry(2, 3)])) }
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [])) }
        #expect(cluster[2].lastIndex == LogIndex(3))
        cluster.takeReady(NodeID(2))
        cluster.finishAppend(NodeID(2))
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [])) }
        #expect(cluster[2].lastIndex == LogIndex(3))
        #expect(cluster[2].storage.lastIndex == LogIndex(3))
    }

    @Test("T08: a new leader that knows of less commits does not lower the commit index")
    func commitNeverFalls() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [entry(2, 2)], commit: 2)) }
        #expect(cluster[2].commitIndex == LogIndex(2))
        try cluster.with(2) { try $0.step(append(3, 2, term: 3, after: (2, 2), [], commit: 1)) }
        try cluster.with(2) {
            try $0.step(Message(.heartbeat, from: NodeID(3), to: NodeID(2), term: Term(3), commit: LogIndex(1)))
        }
        #expect(cluster[2].commitIndex == LogIndex(2))
    }

    @Test("T09: acknowledgements that come late, twice or out of order never take back what was acknowledged")
    func matchNeverFalls() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        for text in ["a", "b", "c"] { try cluster.propose(1, text) }
        cluster.takeReady(NodeID(1))
        while !cluster.members[NodeID(1)]!.appendWork.isEmpty { cluster.finishAppend(NodeID(1)) }
        while cluster.deliver(where: { $0.to == NodeID(2) }) {}
        cluster.takeReady(NodeID(2))
        while !cluster.members[NodeID(2)]!.appendWork.isEmpty { cluster.finishAppend(NodeID(2)) }
        let answers = cluster.network.filter { $0.from == NodeID(2) && $0.kind == .appendResponse }
        try #require(answers.count == 3)
        var best = LogIndex.zero
        for answer in answers.reversed() + answers + answers.reversed() {
            cluster.deliver(answer)
            let peer = try #require(cluster[1].status.peers.first { $0.id == NodeID(2) })
            #expect(peer.progress.match >= best && peer.progress.next > peer.progress.match)
            best = peer.progress.match
        }
        #expect(best == answers.map(\.index).max())
        // A rejection of something acknowledged is old news too.
        cluster.deliver(
            Message(
                .appendResponse, from: NodeID(2), to: NodeID(1), term: cluster[1].term, index: LogIndex(1),
                reject: true, rejectHint: LogIndex(1)))
        #expect(cluster[1].status.peers.first { $0.id == NodeID(2) }?.progress.match == best)
    }

    @Test("T09: a rejection of anything but the probe that is on its way is old news")
    func staleRejection() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        for text in ["a", "b", "c", "d"] { try cluster.propose(1, text) }
        cluster.settle()
        cluster.elect(2) { from, to in from != 3 && to != 3 }
        let before = try #require(cluster[2].status.peers.last?.progress)
        #expect(cluster[2].isLeader && before.state == .probe && before.match == .zero)
        let reject = { (index: LogIndex) in
            Message(
                .appendResponse, from: NodeID(3), to: NodeID(2), term: cluster[2].term, logTerm: Term(1),
                index: index, reject: true, rejectHint: LogIndex(1))
        }
        let stale = reject(LogIndex(3))
        let right = reject(before.next.previous)
        cluster.deliver(stale)
        #expect(cluster[2].status.peers.last?.progress.next == before.next)
        cluster.deliver(right)
        #expect(cluster[2].status.peers.last?.progress.next == LogIndex(2))
    }

    @Test("T11: an append before the follower's snapshot does not replace what the snapshot holds")
    func appendBeforeSnapshot() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        for text in ["a", "b", "c"] { try cluster.propose(1, text) }
        cluster.settle()
        cluster.compact(NodeID(2))
        let before = cluster[2]
        let term = cluster[2].term.rawValue
        try cluster.with(2) { try $0.step(append(1, 2, term: term, after: (0, 0), [entry(1, 1), entry(1, 2)])) }
        #expect(cluster[2].commitIndex == before.commitIndex && cluster[2].lastIndex == before.lastIndex)
        #expect(cluster[2].storage == before.storage)
        cluster.takeReady(NodeID(2))
        cluster.finishAppend(NodeID(2))
        #expect(cluster.network.last?.index == before.commitIndex && cluster.network.last?.reject == false)
    }

    @Test("T32: with asynchronous writes a node applies only what it has stored itself")
    func appliesOnlyStored() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [entry(2, 2)], commit: 2)) }
        cluster.takeReady(NodeID(2))
        #expect(cluster[2].commitIndex == LogIndex(2))
        #expect(cluster.members[NodeID(2)]?.applyWork.isEmpty == true)
        cluster.finishAppend(NodeID(2))
        cluster.takeReady(NodeID(2))
        #expect(cluster.members[NodeID(2)]?.applyWork.first?.entries.map(\.index) == [LogIndex(2)])
    }

    @Test("T29: a single voter commits nothing before its own disk has it")
    func singleVoterWaits() throws {
        var cluster = Cluster(voters: [1])
        cluster.elect(1)
        try cluster.propose(1, "a")
        cluster.takeReady(NodeID(1))
        #expect(cluster[1].commitIndex < cluster[1].lastIndex)
        // A crash now loses the entry, of which nobody was told that it is there.
        var lost = cluster
        lost.crash(NodeID(1))
        lost.elect(1)
        #expect(lost.texts(1).isEmpty && lost[1].commitIndex == lost[1].lastIndex)
        cluster.finishAppend(NodeID(1))
        #expect(cluster[1].commitIndex == cluster[1].lastIndex)
        cluster.crash(NodeID(1))
        cluster.elect(1)
        #expect(cluster.texts(1) == ["a"])
    }

    @Test("T30: an acknowledgement waits for all writes before it")
    func acknowledgementsWait() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [entry(2, 2)])) }
        cluster.takeReady(NodeID(2))
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (2, 2), [entry(2, 3)])) }
        cluster.takeReady(NodeID(2))
        let work = try #require(cluster.members[NodeID(2)]?.appendWork)
        #expect(work.count == 2 && cluster.network.isEmpty)
        #expect(work[0].responses.filter { $0.kind == .appendResponse }.map(\.index) == [LogIndex(2)])
        #expect(work[1].responses.filter { $0.kind == .appendResponse }.map(\.index) == [LogIndex(3)])
        cluster.finishAppend(NodeID(2))
        #expect(cluster.network.map(\.index) == [LogIndex(2)])
        cluster.crash(NodeID(2))
        #expect(cluster[2].lastIndex == LogIndex(2) && cluster[2].term == Term(2))
    }

    @Test("T31: an acknowledgement of a write under an older term does not stabilize what came in its place")
    func replacedWhileWriting() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(2) { try $0.step(append(1, 2, term: 2, after: (1, 1), [entry(2, 2, "a")])) }
        cluster.takeReady(NodeID(2))
        // Another leader replaces it, and the first one, in a new term, puts an equal position back.
        try cluster.with(2) { try $0.step(append(3, 2, term: 3, after: (1, 1), [entry(3, 2, "b")])) }
        cluster.takeReady(NodeID(2))
        try cluster.with(2) { try $0.step(append(1, 2, term: 4, after: (1, 1), [entry(2, 2, "a")])) }
        cluster.takeReady(NodeID(2))
        cluster.finishAppend(NodeID(2))
        cluster.finishAppend(NodeID(2))
        // Only the third write leaves the disk with what the log holds.
        #expect(cluster[2].storage.term(at: LogIndex(2)) == Term(3))
        #expect(cluster[2].term(at: LogIndex(2)) == Term(2))
        cluster.finishAppend(NodeID(2))
        #expect(cluster[2].storage.term(at: LogIndex(2)) == Term(2))
        #expect(cluster[2].term(at: LogIndex(2)) == Term(2))
    }
}
