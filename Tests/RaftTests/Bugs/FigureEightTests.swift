import Raft
import Testing

/// The paper's figure 8, step by step, with its five servers.
@Suite("Figure eight")
struct FigureEightTests {
    /// Makes a node leader of a term with the votes of others, and lets nothing else through.
    private func elect(_ leader: UInt64, term: UInt64, by voters: [UInt64], _ cluster: inout Cluster) {
        let id = NodeID(leader)
        while cluster[leader].term < Term(term) {
            cluster.network = []
            cluster.with(leader) { $0.campaign() }
            work(leader, &cluster)
        }
        for voter in voters {
            cluster.deliver { $0.kind == .vote && $0.to == NodeID(voter) && $0.term == Term(term) }
            work(voter, &cluster)
            cluster.deliver { $0.kind == .voteResponse && $0.from == NodeID(voter) && $0.to == id }
        }
        cluster.network = []
        work(leader, &cluster)
    }

    /// A node's own disk finishes everything.
    private func work(_ raw: UInt64, _ cluster: inout Cluster) {
        for _ in 0..<3 {
            cluster.takeReady(NodeID(raw))
            while !cluster.members[NodeID(raw)]!.appendWork.isEmpty { cluster.finishAppend(NodeID(raw)) }
        }
    }

    /// Up to (c): 1 leads again, in term 4, and its entry of term 2 is on 1, 2 and 3.
    private func upToC() -> Cluster {
        var cluster = Cluster(voters: [1, 2, 3, 4, 5]) { $0.maxBytesPerMessage = 0 }
        // (a) 1 leads in term 2; its entry reaches 2 alone.
        elect(1, term: 2, by: [2, 3], &cluster)
        cluster.deliver(append(1, 2, term: 2, after: (1, 1), cluster[1].entries(from: LogIndex(2)) ?? []))
        work(2, &cluster)
        cluster.network = []
        #expect(cluster[2].storage.term(at: LogIndex(2)) == Term(2))
        // (b) 1 is down; 5 leads in term 3 and takes another entry for the same place.
        cluster.members[NodeID(1)]!.isUp = false
        elect(5, term: 3, by: [3, 4], &cluster)
        #expect(cluster[5].isLeader && cluster[5].storage.term(at: LogIndex(2)) == Term(3))
        // (c) 5 is down; 1 is back, leads in term 4, and goes on replicating its old entry.
        cluster.members[NodeID(5)]!.isUp = false
        cluster.crash(NodeID(1))
        cluster.members[NodeID(1)]!.isUp = true
        elect(1, term: 4, by: [2, 3], &cluster)
        cluster.with(1) { $0.reportUnreachable(NodeID(2)) }
        let entries = cluster[1].entries(from: LogIndex(2)) ?? []
        #expect(entries.map(\.term) == [Term(2), Term(4)])
        for follower in [2, 3] as [UInt64] {
            cluster.deliver(append(1, follower, term: 4, after: (1, 1), [entries[0]]))
            work(follower, &cluster)
            cluster.deliver { $0.kind == .appendResponse && $0.from == NodeID(follower) }
            work(1, &cluster)
        }
        cluster.network = []
        return cluster
    }

    @Test("T03: an old entry on a majority is not committed, and can still be replaced")
    func replaced() {
        var cluster = upToC()
        let matches = cluster[1].status.peers.filter { $0.progress.match >= LogIndex(2) }.map(\.id)
        #expect(matches == [1, 2, 3].map { NodeID($0) })
        #expect(cluster[1].commitIndex == LogIndex(1))
        // (d) 1 is down again; 5 wins with the votes of 3 and 4, and its entry replaces the old one everywhere.
        cluster.members[NodeID(1)]!.isUp = false
        cluster.crash(NodeID(5))
        cluster.members[NodeID(5)]!.isUp = true
        elect(5, term: 5, by: [3, 4], &cluster)
        #expect(cluster[5].isLeader)
        cluster.with(5) { $0.tick() }
        cluster.settle { from, to in from != 1 && to != 1 }
        for _ in 0..<3 { cluster.tick { from, to in from != 1 && to != 1 } }
        for id in [2, 3, 4, 5] as [UInt64] {
            #expect(cluster[id].term(at: LogIndex(2)) == Term(3))
            #expect(cluster[id].commitIndex == LogIndex(3))
        }
    }

    @Test("T03: with an entry of its own term on a majority a leader commits both, and no node without them wins")
    func kept() {
        var cluster = upToC()
        // (e) 1 replicates its entry of term 4 before it goes down.
        let three: (UInt64, UInt64) -> Bool = { from, to in from < 4 && to < 4 }
        for _ in 0..<3 { cluster.tick(three) }
        #expect(cluster[1].commitIndex == LogIndex(3))
        cluster.members[NodeID(1)]!.isUp = false
        cluster.crash(NodeID(5))
        cluster.members[NodeID(5)]!.isUp = true
        for _ in 0..<3 { cluster.elect(5) { from, to in from != 1 && to != 1 } }
        #expect(!cluster[5].isLeader)
        cluster.elect(3) { from, to in from != 1 && to != 1 }
        for _ in 0..<3 { cluster.tick { from, to in from != 1 && to != 1 } }
        #expect(cluster[5].term(at: LogIndex(2)) == Term(2) && cluster[5].term(at: LogIndex(3)) == Term(4))
    }
}
