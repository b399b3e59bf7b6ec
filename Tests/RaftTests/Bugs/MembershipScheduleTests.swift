import Primitives
import Raft
import Testing

private func ids(_ raw: UInt64...) -> [NodeID] { raw.map { NodeID($0) } }

/// Membership bugs that need several nodes at different places of the log.
@Suite("Membership schedules")
struct MembershipScheduleTests {
    /// Like ``Cluster/settle(steps:_:)``, but one node's state machine stands still.
    private func settle(_ cluster: inout Cluster, notApplying stuck: UInt64) {
        for _ in 0..<60 {
            for id in cluster.ids {
                cluster.takeReady(id)
                while !cluster.members[id]!.appendWork.isEmpty { cluster.finishAppend(id) }
                guard id != NodeID(stuck) else { continue }
                while !cluster.members[id]!.applyWork.isEmpty { cluster.finishApply(id) }
            }
            let batch = cluster.network
            cluster.network = []
            for message in batch { cluster.deliver(message) }
        }
    }

    @Test("T15: a node that has not applied two additions must not win with a majority of the old members")
    func unappliedAdditions() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4, 5])
        cluster.elect(1)
        for added in [4, 5] as [UInt64] {
            try cluster.with(1) { try $0.propose(ConfChange(.addVoter(NodeID(added)))) }
            settle(&cluster, notApplying: 3)
            cluster.with(1) { $0.tick() }
            settle(&cluster, notApplying: 3)
        }
        #expect(cluster[1].confState.voters == ids(1, 2, 3, 4, 5))
        #expect(cluster[3].confState.voters == ids(1, 2, 3))
        #expect(cluster[3].commitIndex == cluster[1].commitIndex)
        // 1 and 3 are a majority only of what 3 believes.
        let pair: (UInt64, UInt64) -> Bool = { from, to in [1, 3].contains(from) && [1, 3].contains(to) }
        let term = cluster[3].term
        cluster.with(3) { $0.campaign() }
        #expect(cluster[3].role == .follower && cluster[3].term == term)
        cluster.settle(pair)
        #expect(cluster[3].confState.voters == ids(1, 2, 3, 4, 5))
        for _ in 0..<3 { cluster.elect(3, pair) }
        #expect(!cluster[3].isLeader)
    }

    @Test("T16: two leaders that add and remove in turn never get two majorities that don't meet")
    func leadersInTurn() {
        // Members 1...4; 1 and 2 lead in turn, each with those it reaches, and change one member each time. All ways
        // of that, three leaders deep; the truth about the cluster is checked after every step.
        var ledAndChanged = 0
        func go(_ cluster: Cluster, _ depth: Int) {
            guard depth < 3 else { return }
            let leader: UInt64 = depth % 2 == 0 ? 1 : 2
            let other = 3 - leader
            for subset in 1..<16 {
                let partners = [other, 3, 4, 5].enumerated().filter { subset >> $0.offset & 1 == 1 }.map(\.element)
                let group = [leader] + partners
                guard group.count > 2 else { continue }
                let link: (UInt64, UInt64) -> Bool = { group.contains($0) && group.contains($1) }
                var elected = cluster
                // Its log and term may be behind, so it may need a second try.
                for _ in 0..<2 { elected.elect(leader, link) }
                guard elected[leader].isLeader else { continue }
                for change in [MemberChange.addVoter(NodeID(5)), .remove(NodeID(other))] {
                    var next = elected
                    do {
                        try next.with(leader) { try $0.propose(ConfChange(change)) }
                    } catch {
                        continue
                    }
                    next.settle(link)
                    if next[leader].confState != elected[leader].confState { ledAndChanged += 1 }
                    next.network = []
                    go(next, depth + 1)
                }
            }
        }
        go(Cluster(voters: [1, 2, 3, 4], others: [5]), 0)
        #expect(ledAndChanged > 20)
    }

    @Test("T16: a leader of a later term takes a change only after an entry of its own term")
    func changeBeforeOwnEntry() throws {
        // 1 adds 5 and tells nobody but 5; 2 becomes leader and removes 1; then 1 comes back.
        var cluster = Cluster(voters: [1, 2, 3, 4], others: [5])
        cluster.elect(1)
        try cluster.with(1) { try $0.propose(ConfChange(.addVoter(NodeID(5)))) }
        cluster.settle { from, to in [1, 5].contains(from) && [1, 5].contains(to) }
        let rest: (UInt64, UInt64) -> Bool = { from, to in [2, 3, 4].contains(from) && [2, 3, 4].contains(to) }
        cluster.elect(2, rest)
        try cluster.with(2) { try $0.propose(ConfChange(.remove(NodeID(1)))) }
        cluster.settle(rest)
        #expect(cluster[2].confState.voters == ids(2, 3, 4))
        // With 4 and 5 it would have three of the five that it wanted to make; but the change was never in force.
        cluster.crash(NodeID(1))
        for _ in 0..<3 { cluster.elect(1) { from, to in [1, 4, 5].contains(from) && [1, 4, 5].contains(to) } }
        #expect(!cluster[1].isLeader && cluster[1].confState.voters == ids(1, 2, 3, 4))
        for _ in 0..<30 { cluster.tick() }
        #expect(cluster[3].confState.voters == ids(2, 3, 4))
    }

    @Test("T19: a removed leader's own copy of an entry counts for nothing")
    func removedLeaderIsNotCounted() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        let without3: (UInt64, UInt64) -> Bool = { from, to in from != 3 && to != 3 }
        try cluster.with(1) { try $0.propose(ConfChange(.remove(NodeID(1)))) }
        try cluster.propose(1, "after")
        let last = cluster[1].lastIndex
        // The removal is committed and applied before the entry after it arrives anywhere.
        cluster.takeReady(NodeID(1))
        while !cluster.members[NodeID(1)]!.appendWork.isEmpty { cluster.finishAppend(NodeID(1)) }
        cluster.deliver { $0.kind == .append && $0.to == NodeID(2) }
        cluster.takeReady(NodeID(2))
        cluster.finishAppend(NodeID(2))
        cluster.deliver { $0.kind == .appendResponse && $0.from == NodeID(2) }
        cluster.takeReady(NodeID(1))
        cluster.finishApply(NodeID(1))
        #expect(cluster[1].confState.voters == ids(2, 3) && cluster[1].lastIndex == last)
        cluster.settle(without3)
        // 1 and 2 hold it, but of the members that remain only 2 does.
        #expect(cluster[1].isLeader && cluster[2].lastIndex == last && cluster[1].commitIndex < last)
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster[1].commitIndex == last)
    }

    @Test(
        "T19: a leader that steps down on its demotion or removal leaves nobody behind who can't lead",
        arguments: [
            MemberChange.addLearner(NodeID(2)), .remove(NodeID(2)),
        ], [false, true])
    func removedLeaderKnowsMore(_ change: MemberChange, _ preVote: Bool) throws {
        var cluster = Cluster(voters: [1, 2], learners: [3]) {
            $0.stepDownOnRemoval = true
            $0.preVote = preVote
            $0.checkQuorum = true
        }
        cluster.elect(2)
        try cluster.with(2) { try $0.propose(ConfChange(change)) }
        let changed = cluster[2].lastIndex
        cluster.takeReady(NodeID(2))
        while !cluster.members[NodeID(2)]!.appendWork.isEmpty { cluster.finishAppend(NodeID(2)) }
        cluster.deliver { $0.kind == .append && $0.to == NodeID(1) }
        cluster.takeReady(NodeID(1))
        cluster.finishAppend(NodeID(1))
        // More is proposed, which 1 never sees; the change is committed, and 1 never hears of that either.
        for text in ["lost", "too"] { try cluster.propose(2, text) }
        cluster.takeReady(NodeID(2))
        while !cluster.members[NodeID(2)]!.appendWork.isEmpty { cluster.finishAppend(NodeID(2)) }
        cluster.deliver { $0.kind == .appendResponse && $0.from == NodeID(1) }
        cluster.takeReady(NodeID(2))
        cluster.finishApply(NodeID(2))
        cluster.network = []
        #expect(!cluster[2].isLeader && cluster[2].confState.voters == ids(1))
        #expect(cluster[1].lastIndex == changed && cluster[1].commitIndex < changed)
        #expect(cluster[2].lastIndex > changed)
        // Only 1 may lead now, and by what it knows it needs the vote of 2, whose log is longer.
        for _ in 0..<80 where !cluster[1].isLeader { cluster.tick() }
        #expect(cluster[1].isLeader && cluster[1].confState.voters == ids(1))
    }

    @Test("T24: after a restart the membership is the snapshot's and then that of the changes after it")
    func changesAfterSnapshot() throws {
        let change = ConfChangeV2(transition: .jointExplicit, changes: [.addVoter(NodeID(4)), .remove(NodeID(1))])
        let entries = [
            entry(2, 6), Entry(term: Term(2), index: LogIndex(7), kind: .membership, data: change.encoded()),
            Entry(term: Term(2), index: LogIndex(8), kind: .membership),
        ]
        let state = ConfState(voters: ids(1, 2, 3))
        let storage = MemoryStorage(
            hardState: HardState(term: Term(2), vote: nil, commit: LogIndex(7)),
            snapshot: Snapshot(
                metadata: SnapshotMetadata(index: LogIndex(5), term: Term(1), confState: state), data: []),
            entries: entries)
        var configuration = Configuration(id: NodeID(2), electionTicks: 10, heartbeatTicks: 1)
        configuration.asynchronousStorageWrites = true
        configuration.applied = LogIndex(5)
        var node = RaftNode(configuration: configuration, storage: storage, generator: SeededGenerator(seed: 1))
        #expect(node.confState == state)
        let work = try #require(node.ready().messages.first { $0.to == .applyThread })
        #expect(work.entries.map(\.index.rawValue) == [6, 7])
        for entry in work.entries where entry.isMembershipChange { try node.applyConfChange(in: entry) }
        node.completeApply(work)
        #expect(node.confState == ConfState(voters: ids(2, 3, 4), votersOutgoing: ids(1, 2, 3)))
        // The last entry is not committed, so the joint configuration stays.
        #expect(!node.hasReady && node.appliedIndex == LogIndex(7))
    }

    @Test("members that were just added are given time to be heard before a quorum check counts them")
    func newMemberIsGivenTime() throws {
        var cluster = Cluster(voters: [1], others: [2]) { $0.checkQuorum = true }
        cluster.elect(1)
        for _ in 0..<9 { cluster.with(1) { $0.tick() } }
        try cluster.with(1) { try $0.propose(ConfChange(.addVoter(NodeID(2)))) }
        cluster.settle { _, _ in false }
        #expect(cluster[1].confState.voters == ids(1, 2))
        cluster.with(1) { $0.tick() }
        #expect(cluster[1].isLeader)
        for _ in 0..<10 { cluster.with(1) { $0.tick() } }
        #expect(!cluster[1].isLeader)
    }

    @Test("a membership that is not joint can't be left, neither by proposal nor by application")
    func leaveOfNothing() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        try cluster.with(1) { try $0.propose(ConfChangeV2.leaveJoint) }
        #expect(cluster[1].entries(from: cluster[1].lastIndex)?.map(\.kind) == [.normal])
        let before = cluster[1]
        #expect(throws: RaftError.invalidMembership(.notJoint)) { try cluster[1].apply(ConfChangeV2.leaveJoint) }
        #expect(cluster[1] == before)
    }

    @Test("a joint configuration that is to be left by itself is left by the next leader, if the first can't")
    func nextLeaderLeaves() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4])
        cluster.elect(1)
        let change = ConfChangeV2(changes: [.remove(NodeID(3)), .addVoter(NodeID(4))])
        try cluster.with(1) { try $0.propose(change) }
        // It is committed and applied, but what the leader proposes then gets nowhere.
        for _ in 0..<20 where !(cluster[1].confState.isJoint && cluster[2].confState.isJoint) {
            for id in cluster.ids {
                cluster.takeReady(id)
                while !cluster.members[id]!.appendWork.isEmpty { cluster.finishAppend(id) }
                while !cluster.members[id]!.applyWork.isEmpty { cluster.finishApply(id) }
            }
            let batch = cluster.network
            cluster.network = []
            for message in batch where !message.entries.contains(where: { $0.kind == .membership && $0.data.isEmpty }) {
                cluster.deliver(message)
            }
        }
        #expect(cluster[2].confState.isJoint && cluster[2].confState.autoLeave)
        cluster.members[NodeID(1)]!.isUp = false
        for _ in 0..<3 where !cluster[2].isLeader { cluster.elect(2) }
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster[2].confState == ConfState(voters: ids(1, 2, 4)))
        #expect(cluster[4].confState == cluster[2].confState)
    }

    @Test("a full queue of uncommitted entries does not keep a joint configuration from being left")
    func leaveOverLimit() throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.maxUncommittedBytes = 10 }
        cluster.elect(1)
        let change = ConfChangeV2(transition: .jointExplicit, changes: [.remove(NodeID(3))])
        try cluster.with(1) { try $0.propose(change) }
        cluster.settle()
        #expect(cluster[1].confState.isJoint)
        try cluster.with(1) { try $0.propose([UInt8](repeating: 1, count: 100)) }
        #expect(throws: RaftError.proposalDropped) { try cluster[1].propose([1]) }
        try cluster.with(1) { try $0.propose(ConfChangeV2.leaveJoint) }
        cluster.settle()
        #expect(cluster[2].confState == ConfState(voters: ids(1, 2)))
    }
}
