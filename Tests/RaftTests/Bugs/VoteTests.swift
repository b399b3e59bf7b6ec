import Raft
import Testing

private func request(
    _ from: UInt64, _ to: UInt64, term: UInt64, last: (UInt64, UInt64), _ kind: Message.Kind = .vote
) -> Message {
    Message(
        kind, from: NodeID(from), to: NodeID(to), term: Term(term), logTerm: Term(last.0), index: LogIndex(last.1))
}

@Suite("Votes")
struct VoteTests {
    @Test("T01: a vote leaves only when it is durable, so a crash before that leaves it free to give")
    func voteWaitsForDisk() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(3) { try $0.step(request(1, 3, term: 2, last: (1, 1))) }
        cluster.takeReady(NodeID(3))
        #expect(cluster.network.isEmpty)
        #expect(cluster.members[NodeID(3)]?.appendWork.first?.responses.first?.kind == .voteResponse)

        cluster.crash(NodeID(3))
        try cluster.with(3) { try $0.step(request(2, 3, term: 2, last: (1, 1))) }
        cluster.takeReady(NodeID(3))
        cluster.finishAppend(NodeID(3))
        let response = try #require(cluster.network.first)
        #expect(response.to == NodeID(2) && response.kind == .voteResponse && !response.reject)
    }

    @Test("T01: a rejection waits for the disk too, because it tells of a term")
    func rejectionWaitsForDisk() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(3) { try $0.step(request(1, 3, term: 2, last: (0, 0))) }
        cluster.takeReady(NodeID(3))
        #expect(cluster.network.isEmpty)
        cluster.finishAppend(NodeID(3))
        #expect(cluster.network.first?.reject == true)
    }

    @Test("T02: a vote given before a restart binds after it")
    func voteSurvivesRestart() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster.with(3) { try $0.step(request(1, 3, term: 2, last: (1, 1))) }
        cluster.takeReady(NodeID(3))
        cluster.finishAppend(NodeID(3))
        cluster.crash(NodeID(3))
        cluster.network = []
        try cluster.with(3) { try $0.step(request(2, 3, term: 2, last: (1, 1))) }
        cluster.takeReady(NodeID(3))
        cluster.finishAppend(NodeID(3))
        #expect(cluster.network.first?.reject == true)
        // The one who has it may ask again.
        cluster.network = []
        try cluster.with(3) { try $0.step(request(1, 3, term: 2, last: (1, 1))) }
        cluster.takeReady(NodeID(3))
        cluster.finishAppend(NodeID(3))
        #expect(cluster.network.first?.reject == false)
    }

    @Test("T04: a vote of an older term does not count")
    func staleVote() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.with(1) { $0.campaign() }
        cluster.settle { _, _ in false }
        cluster.with(1) { $0.campaign() }
        cluster.settle { _, _ in false }
        #expect(cluster[1].term == Term(3) && cluster[1].role == .candidate)
        cluster.deliver(Message(.voteResponse, from: NodeID(2), to: NodeID(1), term: Term(2)))
        #expect(cluster[1].role == .candidate)
        cluster.deliver(Message(.voteResponse, from: NodeID(2), to: NodeID(1), term: Term(3)))
        #expect(cluster[1].isLeader)
    }

    @Test("T04: a vote counts once, however often it comes, and an answer is not changed")
    func repeatedVote() {
        var cluster = Cluster(voters: [1, 2, 3, 4, 5])
        cluster.with(1) { $0.campaign() }
        cluster.settle { _, _ in false }
        for _ in 0..<3 { cluster.deliver(Message(.voteResponse, from: NodeID(2), to: NodeID(1), term: Term(2))) }
        #expect(cluster[1].role == .candidate)
        cluster.deliver(Message(.voteResponse, from: NodeID(3), to: NodeID(1), term: Term(2), reject: true))
        cluster.deliver(Message(.voteResponse, from: NodeID(3), to: NodeID(1), term: Term(2)))
        #expect(cluster[1].role == .candidate)
    }

    @Test("T14: a leader grants no vote or pre-vote of its own term")
    func leaderGrantsNothing() throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.preVote = true }
        cluster.elect(1)
        let term = cluster[1].term.rawValue
        for kind in [Message.Kind.vote, .preVote] {
            cluster.network = []
            try cluster.with(1) { try $0.step(request(2, 1, term: term, last: (term, 99), kind)) }
            cluster.takeReady(NodeID(1))
            cluster.finishAppend(NodeID(1))
            #expect(cluster.network.first?.reject == true)
            #expect(cluster[1].isLeader)
        }
    }

    @Test("T14: within its lease a leader hears no pre-vote of a later term, even when the timers are nearly equal")
    func leaderIgnoresPreVote() throws {
        var cluster = Cluster(voters: [1, 2, 3]) {
            $0.preVote = true
            $0.checkQuorum = true
            $0.electionTicks = 2
        }
        cluster.elect(1)
        let term = cluster[1].term.rawValue
        cluster.network = []
        try cluster.with(1) { try $0.step(request(2, 1, term: term + 1, last: (term, 99), .preVote)) }
        cluster.takeReady(NodeID(1))
        #expect(cluster.network.isEmpty && cluster[1].isLeader)
    }

    @Test("no candidate whose log is behind gets a vote", arguments: [(1, 9), (2, 2)] as [(UInt64, UInt64)])
    func logMustBeUpToDate(_ last: (UInt64, UInt64)) throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        try cluster.propose(1, "a")
        cluster.settle()
        // Node 2 now ends at index 3 of term 2.
        cluster.network = []
        try cluster.with(2) { try $0.step(request(3, 2, term: 5, last: last)) }
        cluster.takeReady(NodeID(2))
        cluster.finishAppend(NodeID(2))
        #expect(cluster.network.first { $0.kind == .voteResponse }?.reject == true)
    }

    @Test("a pre-vote changes neither term nor vote of anybody")
    func preVoteLeavesNoTrace() {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.preVote = true }
        cluster.with(1) { $0.campaign() }
        cluster.settle { from, to in from == 1 && to != 1 }
        #expect(cluster[1].role == .preCandidate)
        for id in [1, 2, 3] as [UInt64] {
            #expect(cluster[id].term == Term(1) && cluster[id].hardState.vote == nil)
        }
    }

    @Test("T18: a removed node can't disturb the others, however often it campaigns")
    func removedNodeCannotDisturb() throws {
        var cluster = Cluster(voters: [1, 2, 3, 4]) {
            $0.preVote = true
            $0.checkQuorum = true
        }
        cluster.elect(1)
        // Node 4 does not learn of its removal.
        let link: (UInt64, UInt64) -> Bool = { from, to in to != 4 || from == 4 }
        try cluster.with(1) { try $0.propose(ConfChange(.remove(NodeID(4)))) }
        cluster.settle(link)
        #expect(cluster[1].confState.voters == [1, 2, 3].map { NodeID($0) })
        let term = cluster[1].term
        for _ in 0..<60 {
            cluster.with(4) { $0.campaign() }
            cluster.tick(link)
        }
        #expect(cluster[1].isLeader && cluster[1].term == term)
    }

    @Test("T41: with pre-vote and quorum checks, a ring of broken links does not make terms grow")
    func partialConnectivity() throws {
        var cluster = Cluster(voters: [1, 2, 3, 4, 5]) {
            $0.preVote = true
            $0.checkQuorum = true
        }
        cluster.elect(1)
        // 5 hears only 4; everybody else is connected.
        let link: (UInt64, UInt64) -> Bool = { from, to in
            !(from == 5 || to == 5) || (from + to == 9)
        }
        for _ in 0..<200 { cluster.tick(link) }
        #expect(cluster.leaders == [1])
        #expect(cluster[1].term == Term(2))
        try cluster.propose(1, "still here")
        cluster.settle(link)
        #expect(cluster.texts(1) == ["still here"])
    }
}
