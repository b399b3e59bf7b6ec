import Primitives
import Raft
import Testing

/// Who follows whom, and when time makes a difference.
@Suite("Roles")
struct RoleTests {
    private func request(_ kind: Message.Kind, term: Term, transfer: Bool = false) -> Message {
        Message(
            kind, from: NodeID(3), to: NodeID(2), term: term, logTerm: Term(9), index: LogIndex(9),
            context: transfer ? [UInt8]("CampaignTransfer".utf8) : [])
    }

    private func answers(_ cluster: inout Cluster, of raw: UInt64) -> [Message] {
        cluster.network = []
        cluster.takeReady(NodeID(raw))
        while !cluster.members[NodeID(raw)]!.appendWork.isEmpty { cluster.finishAppend(NodeID(raw)) }
        return cluster.network
    }

    @Test(
        "while the leader is heard, no other node gets a vote or a pre-vote", arguments: [Message.Kind.vote, .preVote])
    func lease(_ kind: Message.Kind) {
        var cluster = Cluster(voters: [1, 2, 3]) {
            $0.preVote = true
            $0.checkQuorum = true
        }
        cluster.elect(1)
        let term = cluster[2].term
        cluster.deliver(request(kind, term: term.next))
        #expect(answers(&cluster, of: 2).isEmpty && cluster[2].term == term)
        // Not when the leader wants it, and not when it is silent.
        var ordered = cluster
        ordered.deliver(request(kind, term: term.next, transfer: true))
        #expect(answers(&ordered, of: 2).map(\.reject) == [false])
        for _ in 0..<10 where cluster[2].leader != nil && cluster[2].role == .follower { cluster.with(2) { $0.tick() } }
        cluster.deliver(request(kind, term: cluster[2].term.next))
        #expect(answers(&cluster, of: 2).contains { !$0.reject && $0.to == NodeID(3) })
    }

    @Test("a leader that hears no majority steps down, and leads on as long as it hears one")
    func quorumCheck() {
        var cluster = Cluster(voters: [1, 2, 3, 4, 5]) { $0.checkQuorum = true }
        cluster.elect(1)
        for _ in 0..<40 { cluster.tick { from, to in from < 4 && to < 4 } }
        #expect(cluster[1].isLeader)
        for _ in 0..<20 { cluster.tick { from, to in from < 3 && to < 3 } }
        #expect(!cluster[1].isLeader)
    }

    @Test(
        "a candidate follows whoever has won its term", arguments: [Message.Kind.append, .heartbeat, .snapshot],
        [false, true])
    func candidateFollows(_ kind: Message.Kind, _ isPreCandidate: Bool) throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.preVote = isPreCandidate }
        cluster.with(2) { $0.campaign() }
        #expect(cluster[2].role == (isPreCandidate ? .preCandidate : .candidate))
        let state = ConfState(voters: [1, 2, 3].map { NodeID($0) })
        let snapshot = Snapshot(
            metadata: SnapshotMetadata(index: LogIndex(5), term: Term(1), confState: state), data: [])
        let message = Message(
            kind, from: NodeID(3), to: NodeID(2), term: cluster[2].term, logTerm: Term(1), index: LogIndex(1),
            entries: kind == .append ? [entry(1, 2)] : [], snapshot: kind == .snapshot ? snapshot : nil)
        cluster.deliver(message)
        #expect(cluster[2].role == .follower && cluster[2].leader == NodeID(3))
        #expect(cluster[2].lastIndex == LogIndex(kind == .append ? 2 : kind == .snapshot ? 5 : 1))
    }

    @Test("a vote must be synced even if the term was stored before, a commit index need not")
    func whatMustBeSynced() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        try cluster[2].step(Message(.vote, from: NodeID(1), to: NodeID(2), term: Term(2)))
        let first = cluster[2].ready()
        #expect(first.mustSync && first.hardState == HardState(term: Term(2), vote: nil, commit: LogIndex(1)))
        try cluster[2].step(request(.vote, term: Term(2)))
        let second = cluster[2].ready()
        #expect(second.mustSync && second.hardState?.vote == NodeID(3))
        try cluster[2].step(append(3, 2, term: 2, after: (1, 1), [entry(2, 2)]))
        #expect(cluster[2].ready().mustSync)
        try cluster[2].step(append(3, 2, term: 2, after: (2, 2), [], commit: 2))
        let last = cluster[2].ready()
        #expect(!last.mustSync && last.hardState?.commit == LogIndex(2))
    }

    @Test("each word of the leader holds off an election", arguments: [Message.Kind.append, .heartbeat])
    func leaderIsHeard(_ kind: Message.Kind) throws {
        var cluster = Cluster(voters: [1, 2, 3])
        for _ in 0..<100 {
            cluster.deliver(
                Message(
                    kind, from: NodeID(1), to: NodeID(2), term: Term(2), logTerm: Term(1), index: LogIndex(1)))
            for _ in 0..<9 { cluster.with(2) { $0.tick() } }
        }
        #expect(cluster[2].role == .follower && cluster[2].term == Term(2))
        for _ in 0..<20 { cluster.with(2) { $0.tick() } }
        #expect(cluster[2].term > Term(2))
    }

    @Test("a deposed leader is told of the later term only where no node could raise its term otherwise")
    func deposedLeader() {
        for (preVote, checkQuorum) in [(false, false), (true, false), (false, true)] {
            var cluster = Cluster(voters: [1, 2, 3]) {
                $0.preVote = preVote
                $0.checkQuorum = checkQuorum
            }
            cluster.deliver(Message(.heartbeat, from: NodeID(3), to: NodeID(2), term: Term(5)))
            _ = answers(&cluster, of: 2)
            for kind in [Message.Kind.append, .heartbeat] {
                cluster.deliver(
                    Message(
                        kind, from: NodeID(1), to: NodeID(2), term: Term(4), logTerm: Term(1), index: LogIndex(1)))
                let answer = answers(&cluster, of: 2)
                #expect(answer.map(\.kind) == (preVote || checkQuorum ? [.appendResponse] : []))
                #expect(answer.allSatisfy { $0.term == Term(5) && $0.to == NodeID(1) && $0.index == .zero })
            }
        }
    }

    @Test("a pre-candidate of an older term is told the later one")
    func latePreCandidate() {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.preVote = true }
        cluster.deliver(Message(.heartbeat, from: NodeID(1), to: NodeID(2), term: Term(5)))
        _ = answers(&cluster, of: 2)
        cluster.deliver(request(.preVote, term: Term(3)))
        let answer = answers(&cluster, of: 2)
        #expect(answer.map(\.kind) == [.preVoteResponse] && answer.allSatisfy { $0.reject && $0.term == Term(5) })
    }

    @Test("a follower that forgets its leader can vote at once, and knows it again when it hears it")
    func forgetting() {
        var cluster = Cluster(voters: [1, 2, 3]) {
            $0.preVote = true
            $0.checkQuorum = true
        }
        cluster.elect(1)
        let term = cluster[2].term
        cluster.with(2) { $0.forgetLeader() }
        #expect(cluster[2].leader == nil && cluster[2].term == term && cluster[2].role == .follower)
        var asked = cluster
        asked.deliver(request(.preVote, term: term.next))
        #expect(answers(&asked, of: 2).map(\.reject) == [false])
        cluster.with(1) { $0.forgetLeader() }
        #expect(cluster[1].isLeader && cluster[1].leader == NodeID(1))
        cluster.tick()
        #expect(cluster[2].leader == NodeID(1))
    }

    @Test("forgetting the leader does not bring the own election nearer or farther")
    func forgettingKeepsTime() {
        func ticksToCampaign(_ forget: Bool) -> Int {
            var cluster = Cluster(voters: [1, 2, 3])
            cluster.elect(1)
            for tick in 1..<100 {
                cluster.with(2) { $0.tick() }
                if cluster[2].role == .candidate { return tick }
                if forget && tick == 5 { cluster.with(2) { $0.forgetLeader() } }
            }
            return 0
        }
        #expect(ticksToCampaign(true) == ticksToCampaign(false))
        #expect(ticksToCampaign(true) > 5)
    }

    @Test("proposals are forwarded to the leader, or refused if that is asked for", arguments: [false, true])
    func forwarding(_ isDisabled: Bool) throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.disableProposalForwarding = isDisabled }
        cluster.elect(1)
        if isDisabled {
            #expect(throws: RaftError.proposalDropped) { try cluster[2].propose([1]) }
        } else {
            try cluster.propose(2, "x")
            cluster.settle()
            #expect(cluster.texts(3) == ["x"])
        }
    }
}
