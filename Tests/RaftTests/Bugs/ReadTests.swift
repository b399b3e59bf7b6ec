import Primitives
import Raft
import TestFiles
import Testing

@Suite("Reads")
struct ReadTests {
    private func context(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

    @Test("a confirmed read is at least at every commit that was known before it")
    func confirmedRead() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        try cluster.propose(1, "x")
        cluster.settle()
        let commit = cluster[1].commitIndex
        cluster.with(1) { $0.readIndex(context: context("a")) }
        cluster.with(2) { $0.readIndex(context: context("b")) }
        #expect(cluster.members[NodeID(1)]?.reads.isEmpty == true)
        cluster.settle()
        #expect(cluster.members[NodeID(1)]?.reads == [ReadState(index: commit, context: context("a"))])
        #expect(cluster.members[NodeID(2)]?.reads == [ReadState(index: commit, context: context("b"))])
    }

    @Test("T21: a new leader answers no read before it has committed in its term")
    func readBeforeCommit() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.with(1) { $0.campaign() }
        cluster.takeReady(NodeID(1))
        cluster.finishAppend(NodeID(1))
        cluster.deliver(Message(.voteResponse, from: NodeID(2), to: NodeID(1), term: Term(2)))
        #expect(cluster[1].isLeader)
        cluster.with(1) { $0.readIndex(context: context("early")) }
        cluster.takeReady(NodeID(1))
        cluster.finishAppend(NodeID(1))
        cluster.deliver(Message(.heartbeatResponse, from: NodeID(2), to: NodeID(1), term: Term(2)))
        cluster.takeReady(NodeID(1))
        #expect(cluster.members[NodeID(1)]?.reads.isEmpty == true)
        #expect(!cluster.network.contains { $0.kind == .heartbeat })
        cluster.settle()
        let read = try #require(cluster.members[NodeID(1)]?.reads.first)
        #expect(read.index == cluster[1].commitIndex && read.index == LogIndex(2))
    }

    @Test("a single voter that was restarted answers no read before it has committed in its term")
    func singleVoterAfterRestart() throws {
        // It had committed, applied and answered up to 3; how far it was committed was not durable.
        let entries = (1...3).map { Entry(term: Term(1), index: LogIndex($0), data: [UInt8($0)]) }
        let storage = MemoryStorage(
            hardState: HardState(term: Term(1), vote: NodeID(1), commit: LogIndex(1)),
            snapshot: Snapshot(
                metadata: SnapshotMetadata(
                    index: LogIndex(1), term: Term(1), confState: ConfState(voters: [NodeID(1)])), data: []),
            entries: Array(entries.dropFirst()))
        var configuration = Configuration(id: NodeID(1), electionTicks: 10, heartbeatTicks: 1)
        configuration.asynchronousStorageWrites = true
        configuration.applied = LogIndex(1)
        var node = RaftNode(configuration: configuration, storage: storage, generator: SeededGenerator(seed: 1))
        node.campaign()
        var reads: [ReadState] = []
        for _ in 0..<4 where node.hasReady {
            let ready = node.ready()
            reads += ready.readStates
            if node.isLeader, reads.isEmpty, node.commitIndex < LogIndex(4) {
                node.readIndex(context: context("early"))
            }
            for message in ready.messages where message.to == .appendThread { _ = node.completeAppend(message) }
            for message in ready.messages where message.to == .applyThread { node.completeApply(message) }
        }
        #expect(node.isLeader)
        #expect(!reads.isEmpty)
        #expect(reads.allSatisfy { $0.index == LogIndex(4) })
    }

    @Test("T22: an answer to a heartbeat from before a read does not confirm it, even under the same context")
    func staleConfirmation() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        cluster.with(1) { $0.readIndex(context: context("same")) }
        cluster.takeReady(NodeID(1))
        while cluster.deliver(where: { $0.kind == .heartbeat }) {}
        for id in [2, 3] as [UInt64] { cluster.takeReady(NodeID(id)) }
        let late = cluster.network.filter { $0.kind == .heartbeatResponse }
        try #require(late.count == 2)
        cluster.network = []
        // The first answer confirms the first read. The caller tries again with the same name.
        cluster.deliver(late[0])
        cluster.takeReady(NodeID(1))
        #expect(cluster.members[NodeID(1)]?.reads.count == 1)
        cluster.with(1) { $0.readIndex(context: context("same")) }
        for message in late + late { cluster.deliver(message) }
        cluster.takeReady(NodeID(1))
        #expect(cluster.members[NodeID(1)]?.reads.count == 1)
        cluster.settle()
        #expect(cluster.members[NodeID(1)]?.reads.count == 2)
    }

    @Test("T22: a deposed leader that does not know it answers no read")
    func deposedLeader() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        let without1: (UInt64, UInt64) -> Bool = { from, to in from != 1 && to != 1 }
        cluster.elect(2, without1)
        #expect(cluster[1].isLeader && cluster[2].isLeader)
        try cluster.propose(2, "newer")
        cluster.settle(without1)
        cluster.with(1) { $0.readIndex(context: context("stale")) }
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster.members[NodeID(1)]?.reads.isEmpty == true)
        #expect(!cluster[1].isLeader)
    }

    @Test("a confirmation of a later read confirms the earlier ones")
    func laterConfirmsEarlier() throws {
        var cluster = Cluster(voters: [1, 2, 3, 4, 5])
        cluster.elect(1)
        for text in ["a", "b", "c"] { cluster.with(1) { $0.readIndex(context: context(text)) } }
        cluster.takeReady(NodeID(1))
        // 2 sees only the first heartbeat, 3 only the last: together with 1 they are a majority for the first read.
        cluster.deliver { $0.kind == .heartbeat && $0.to == NodeID(2) }
        let last = try #require(cluster.network.last { $0.kind == .heartbeat && $0.to == NodeID(3) })
        cluster.deliver(last)
        cluster.network = []
        for id in [2, 3] as [UInt64] { cluster.takeReady(NodeID(id)) }
        while cluster.deliver(where: { $0.kind == .heartbeatResponse }) {}
        cluster.takeReady(NodeID(1))
        #expect(cluster.members[NodeID(1)]?.reads.map(\.context) == [context("a")])
    }

    @Test("a minority's confirmation answers no read, not even the first")
    func minority() {
        var cluster = Cluster(voters: [1, 2, 3, 4, 5])
        cluster.elect(1)
        cluster.with(1) { $0.readIndex(context: context("a")) }
        cluster.settle { from, to in [1, 2].contains(from) && [1, 2].contains(to) }
        #expect(cluster.members[NodeID(1)]?.reads.isEmpty == true)
        for _ in 0..<2 { cluster.tick { from, to in [1, 2, 4].contains(from) && [1, 2, 4].contains(to) } }
        #expect(cluster.members[NodeID(1)]?.reads.map(\.context) == [context("a")])
    }

    @Test("the only voter answers a read at once")
    func singleVoter() {
        var cluster = Cluster(voters: [1], learners: [2])
        cluster.elect(1)
        cluster.with(1) { $0.readIndex(context: context("a")) }
        cluster.takeReady(NodeID(1))
        #expect(cluster.members[NodeID(1)]?.reads.map(\.index) == [cluster[1].commitIndex])
    }

    @Test("T23: nothing outside of the module can choose reads by lease, or the other seams of tests")
    func leaseIsOutOfReach() throws {
        let root = SharedData.packageDirectory + "/Sources"
        let seams = [
            "readOnlyOption", "leaseBased", "fixedElectionTicks", "stepTermless", "stepOwn",
            "overrideSnapshot", "sendsAnySnapshot", "hidesCommitFromCandidates",
        ]
        let files = TextFile.paths(below: root, ending: ".swift").filter { !$0.hasPrefix(root + "/Raft/") }
        for path in files {
            let text = try #require(TextFile.read(path))
            for seam in seams { #expect(!text.contains(seam), "\(path) uses \(seam)") }
        }
        #expect(Configuration(id: NodeID(1), electionTicks: 10, heartbeatTicks: 1).readOnlyOption == .safe)
    }
}
