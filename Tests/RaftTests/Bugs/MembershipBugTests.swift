import Raft
import Testing

private func ids(_ raw: UInt64...) -> [NodeID] { raw.map { NodeID($0) } }

@Suite("Membership bugs")
struct MembershipBugTests {
    @Test("T15: a node does not campaign over a membership change that is committed and not applied")
    func campaignGuard() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        let change = ConfChange(.addVoter(NodeID(4)))
        let added = Entry(term: Term(2), index: LogIndex(2), kind: .membershipV1, data: change.encoded())
        try cluster.with(3) { try $0.step(append(1, 3, term: 2, after: (1, 1), [added, entry(2, 3)], commit: 3)) }
        cluster.takeReady(NodeID(3))
        cluster.finishAppend(NodeID(3))
        cluster.with(3) { $0.campaign() }
        #expect(cluster[3].role == .follower && cluster[3].term == Term(2))
        cluster.takeReady(NodeID(3))
        cluster.finishApply(NodeID(3))
        cluster.with(3) { $0.campaign() }
        #expect(cluster[3].role == .candidate)
    }

    @Test("T15: the guard of a campaign finds the membership change however small the pages are that it looks at")
    func campaignGuardPages() throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.maxCommittedBytesPerReady = 1 }
        let data = ConfChange(.addVoter(NodeID(4))).encoded()
        let entries = (2...9).map { index in
            index == 8
                ? Entry(term: Term(2), index: LogIndex(8), kind: .membershipV1, data: data)
                : entry(2, UInt64(index))
        }
        try cluster.with(3) { try $0.step(append(1, 3, term: 2, after: (1, 1), entries, commit: 9)) }
        cluster.with(3) { $0.campaign() }
        #expect(cluster[3].role == .follower)
    }

    @Test("T16: while a membership change is under way, the next becomes an empty entry")
    func oneChangeAtATime() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4, 5])
        cluster.elect(1)
        try cluster.with(1) { try $0.propose(ConfChange(.addVoter(NodeID(4)))) }
        try cluster.with(1) { try $0.propose(ConfChange(.addVoter(NodeID(5)))) }
        let last = try #require(cluster[1].entries(from: cluster[1].lastIndex)?.first)
        #expect(last.kind == .normal && last.data.isEmpty)
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster[1].confState.voters == ids(1, 2, 3, 4))
        try cluster.with(1) { try $0.propose(ConfChange(.addVoter(NodeID(5)))) }
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster[5].confState.voters == ids(1, 2, 3, 4, 5))
    }

    @Test("T16: a new leader refuses changes until what it found in its log is applied")
    func newLeaderWaits() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4])
        // It may be a membership change or not: a new leader does not look.
        cluster[1].storage.append([entry(1, 2, "found")])
        cluster.crash(NodeID(1))
        cluster.with(1) { $0.campaign() }
        cluster.takeReady(NodeID(1))
        cluster.finishAppend(NodeID(1))
        cluster.deliver(Message(.voteResponse, from: NodeID(2), to: NodeID(1), term: Term(2)))
        #expect(cluster[1].isLeader && cluster[1].appliedIndex == LogIndex(1))
        try cluster.with(1) { try $0.propose(ConfChange(.addVoter(NodeID(4)))) }
        #expect(cluster[1].entries(from: LogIndex(4))?.map(\.kind) == [.normal])
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster[1].appliedIndex == LogIndex(4))
        try cluster.with(1) { try $0.propose(ConfChange(.addVoter(NodeID(4)))) }
        #expect(cluster[1].entries(from: LogIndex(5))?.map(\.kind) == [.membershipV1])
    }

    @Test("T17: in a joint configuration an election needs both majorities")
    func jointElection() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4, 5])
        cluster.elect(1)
        let change = ConfChangeV2(
            transition: .jointExplicit,
            changes: [.remove(NodeID(2)), .remove(NodeID(3)), .addVoter(NodeID(4)), .addVoter(NodeID(5))])
        try cluster.with(1) { try $0.propose(change) }
        for _ in 0..<5 { cluster.tick() }
        #expect(cluster[4].confState.isJoint)
        // 1, 4, 5 are all of the new half, but only one of three in the old one.
        let newHalf: (UInt64, UInt64) -> Bool = { from, to in ![2, 3].contains(from) && ![2, 3].contains(to) }
        cluster.elect(4, newHalf)
        #expect(cluster[4].role == .candidate)
        let oldHalf: (UInt64, UInt64) -> Bool = { from, to in ![4, 5].contains(from) && ![4, 5].contains(to) }
        for _ in 0..<2 { cluster.elect(2, oldHalf) }
        #expect(!cluster[2].isLeader)
        for _ in 0..<3 { cluster.elect(1) }
        #expect(cluster[1].isLeader)
    }

    @Test("T17: in a joint configuration an entry needs both majorities")
    func jointCommit() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4, 5])
        cluster.elect(1)
        let change = ConfChangeV2(
            transition: .jointExplicit,
            changes: [.remove(NodeID(2)), .remove(NodeID(3)), .addVoter(NodeID(4)), .addVoter(NodeID(5))])
        try cluster.with(1) { try $0.propose(change) }
        for _ in 0..<5 { cluster.tick() }
        let before = cluster[1].commitIndex
        try cluster.propose(1, "x")
        cluster.settle { from, to in ![2, 3].contains(from) && ![2, 3].contains(to) }
        #expect(cluster[1].commitIndex == before)
        for _ in 0..<5 { cluster.tick() }
        #expect(cluster[1].commitIndex == before.next)
    }

    @Test("T19: a removed leader commits without itself, and steps down when asked to", arguments: [false, true])
    func removedLeader(_ stepsDown: Bool) throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.stepDownOnRemoval = stepsDown }
        cluster.elect(1)
        try cluster.with(1) { try $0.propose(ConfChange(.remove(NodeID(1)))) }
        cluster.settle()
        #expect(cluster[1].confState.voters == ids(2, 3))
        #expect(cluster[1].isLeader == !stepsDown)
        #expect(throws: RaftError.proposalDropped) { try cluster[1].propose([1]) }
        cluster.with(1) { $0.campaign() }
        #expect(cluster[1].role != .candidate)
    }

    @Test("T20: a learner is not counted and does not campaign, but gives its vote")
    func learner() throws {
        var cluster = Cluster(voters: [1, 2], learners: [3])
        cluster.with(3) { $0.campaign() }
        for _ in 0..<50 { cluster.with(3) { $0.tick() } }
        #expect(cluster[3].role == .follower && cluster[3].term == Term(1))
        cluster.elect(1)
        let before = cluster[1].commitIndex
        try cluster.propose(1, "x")
        cluster.settle { from, to in from != 2 && to != 2 }
        #expect(cluster[3].lastIndex == before.next)
        #expect(cluster[1].commitIndex == before)
        let last = cluster[3].lastIndex
        try cluster.with(3) {
            try $0.step(
                Message(.vote, from: NodeID(2), to: NodeID(3), term: Term(9), logTerm: Term(9), index: last))
        }
        cluster.takeReady(NodeID(3))
        cluster.finishAppend(NodeID(3))
        let response = cluster.network.first { $0.kind == .voteResponse }
        #expect(response?.reject == false)
    }

    @Test("a joint configuration entered by itself is left by itself")
    func automaticLeave() throws {
        var cluster = Cluster(voters: [1, 2, 3], others: [4])
        cluster.elect(1)
        let change = ConfChangeV2(changes: [.remove(NodeID(3)), .addVoter(NodeID(4))])
        try cluster.with(1) { try $0.propose(change) }
        for _ in 0..<5 { cluster.tick() }
        for id in [1, 2, 4] as [UInt64] { #expect(cluster[id].confState == ConfState(voters: ids(1, 2, 4))) }
    }

    @Test("a change that no membership could survive is refused when proposed, and applying one changes nothing")
    func impossibleChange() throws {
        var cluster = Cluster(voters: [1])
        cluster.elect(1)
        try cluster.with(1) { try $0.propose(ConfChange(.remove(NodeID(1)))) }
        let last = try #require(cluster[1].entries(from: cluster[1].lastIndex)?.first)
        #expect(last.kind == .normal)
        cluster.settle()
        var node = cluster[1]
        #expect(throws: RaftError.invalidMembership(.noVotersLeft)) {
            try node.apply(ConfChange(.remove(NodeID(1))))
        }
        #expect(node == cluster[1])
    }

    @Test("a voter demoted in a joint configuration learns only after it")
    func demotion() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        let change = ConfChangeV2(transition: .jointExplicit, changes: [.addLearner(NodeID(3))])
        try cluster.with(1) { try $0.propose(change) }
        cluster.settle()
        #expect(cluster[1].confState.learnersNext == ids(3) && cluster[1].confState.learners.isEmpty)
        try cluster.with(1) { try $0.propose(ConfChangeV2.leaveJoint) }
        cluster.settle()
        #expect(cluster[2].confState == ConfState(voters: ids(1, 2), learners: ids(3)))
    }
}
