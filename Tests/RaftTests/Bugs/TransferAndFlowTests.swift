import Raft
import Testing

@Suite("Transfer")
struct TransferTests {
    @Test("T43: a member that lags is told to campaign only when it has caught up")
    func laggingTransferee() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        let without3: (UInt64, UInt64) -> Bool = { from, to in from != 3 && to != 3 }
        try cluster.propose(1, "x")
        cluster.settle(without3)
        cluster.with(1) { $0.transferLeader(to: NodeID(3)) }
        cluster.takeReady(NodeID(1))
        #expect(!cluster.network.contains { $0.kind == .timeoutNow })
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster.leaders == [3])
        #expect(cluster[3].term(at: LogIndex(3)) == Term(2))
    }

    @Test("T43: a transferee that catches up entry by entry is told to campaign only after the last")
    func slowTransferee() throws {
        var cluster = Cluster(voters: [1, 2, 3]) {
            $0.maxBytesPerMessage = 0
            $0.maxInflightMessages = 1
        }
        cluster.elect(1)
        for number in 0..<5 { try cluster.propose(1, "\(number)") }
        cluster.settle { from, to in from != 3 && to != 3 }
        cluster.with(1) { $0.reportUnreachable(NodeID(3)) }
        cluster.with(1) { $0.transferLeader(to: NodeID(3)) }
        var wasTold = false
        for _ in 0..<40 where !wasTold {
            for id in cluster.ids {
                cluster.takeReady(id)
                while !cluster.members[id]!.appendWork.isEmpty { cluster.finishAppend(id) }
            }
            wasTold = cluster.network.contains { $0.kind == .timeoutNow }
            if wasTold { #expect(cluster[3].lastIndex == cluster[1].lastIndex) }
            cluster.deliver { _ in true }
        }
        #expect(wasTold)
    }

    @Test("T43: while leadership is handed over, proposals are dropped; after a timeout it is taken back")
    func abandonedTransfer() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        let without3: (UInt64, UInt64) -> Bool = { from, to in from != 3 && to != 3 }
        cluster.with(1) { $0.transferLeader(to: NodeID(3)) }
        #expect(throws: RaftError.proposalDropped) { try cluster[1].propose([1]) }
        for _ in 0..<10 { cluster.tick(without3) }
        #expect(cluster[1].isLeader && cluster[1].status.leadTransferee == nil)
        try cluster.propose(1, "again")
        cluster.settle(without3)
        #expect(cluster.texts(2) == ["again"])
    }

    @Test("T43: a transfer to a member that is removed meanwhile is abandoned")
    func removedTransferee() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        let without3: (UInt64, UInt64) -> Bool = { from, to in from != 3 && to != 3 }
        try cluster.with(1) { try $0.propose(ConfChange(.remove(NodeID(3)))) }
        cluster.with(1) { $0.transferLeader(to: NodeID(3)) }
        cluster.settle(without3)
        #expect(cluster[1].confState.voters == [1, 2].map { NodeID($0) })
        #expect(cluster[1].status.leadTransferee == nil)
        try cluster.propose(1, "goes on")
    }

    @Test("T43: a removed node that is told to campaign does not")
    func removedNodeIsTold() throws {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        try cluster.with(1) { try $0.propose(ConfChange(.remove(NodeID(3)))) }
        for _ in 0..<3 { cluster.tick() }
        let term = cluster[3].term
        cluster.deliver(Message(.timeoutNow, from: NodeID(1), to: NodeID(3), term: term))
        #expect(cluster[3].role == .follower && cluster[3].term == term)
    }

    @Test("a transfer passes through the lease that guards a leader")
    func transferWithinLease() {
        var cluster = Cluster(voters: [1, 2, 3]) {
            $0.preVote = true
            $0.checkQuorum = true
        }
        cluster.elect(1)
        cluster.with(2) { $0.transferLeader(to: NodeID(2)) }
        cluster.settle()
        #expect(cluster.leaders == [2])
    }

    @Test("T42: a leader that resigns lets the others elect, and keeps what was committed")
    func resignation() throws {
        var cluster = Cluster(voters: [1, 2, 3]) {
            $0.preVote = true
            $0.checkQuorum = true
        }
        cluster.elect(1)
        try cluster.propose(1, "x")
        cluster.settle()
        cluster.with(1) { $0.resign() }
        #expect(cluster.leaders.isEmpty && cluster[1].term == Term(2))
        cluster.members[NodeID(1)]?.isUp = false
        for _ in 0..<40 { cluster.tick() }
        #expect(cluster.leaders.count == 1 && cluster.leaders != [1])
    }
}

@Suite("Flow")
struct FlowTests {
    @Test("T45: a follower that acknowledges nothing gets no more than the window, and all of it when it heals")
    func windowIsBounded() throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.maxInflightMessages = 4 }
        cluster.elect(1)
        let without3: (UInt64, UInt64) -> Bool = { from, to in from != 3 && to != 3 }
        for number in 0..<50 {
            try cluster.propose(1, "\(number)")
            cluster.takeReady(NodeID(1))
            #expect(cluster.network.count { $0.kind == .append && $0.to == NodeID(3) && !$0.entries.isEmpty } <= 4)
            cluster.drop { $0.to == NodeID(3) }
            cluster.settle(without3)
            let peer = try #require(cluster[1].status.peers.last)
            #expect(peer.progress.inflightCount <= 4)
        }
        for _ in 0..<5 { cluster.tick() }
        #expect(cluster.texts(3) == (0..<50).map { "\($0)" })
    }

    @Test("T45: a message carries no more bytes than its limit, but always one entry, however large")
    func messageSize() throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.maxBytesPerMessage = 200 }
        cluster.elect(1)
        let giant = [UInt8](repeating: 7, count: 5000)
        for _ in 0..<10 { try cluster.with(1) { try $0.propose([UInt8](repeating: 1, count: 50)) } }
        try cluster.with(1) { try $0.propose(giant) }
        for _ in 0..<10 { try cluster.with(1) { try $0.propose([UInt8](repeating: 2, count: 50)) } }
        var largest = 0
        for _ in 0..<100 {
            cluster.takeReady(NodeID(1))
            for message in cluster.network where message.kind == .append && message.entries.count > 1 {
                largest = max(largest, message.entries.reduce(0) { $0 + $1.data.count })
            }
            cluster.settle(steps: 1)
        }
        #expect(largest <= 200)
        #expect(cluster[3].commitIndex == cluster[1].lastIndex)
        #expect(cluster.members[NodeID(3)]?.applied.contains { $0.data == giant } == true)
    }

    @Test("T45: a leader that can't commit takes no more than its limit, and everything again when it can")
    func uncommittedIsBounded() throws {
        var cluster = Cluster(voters: [1, 2, 3]) { $0.maxUncommittedBytes = 1000 }
        cluster.elect(1)
        let payload = [UInt8](repeating: 1, count: 100)
        var taken = 0
        for _ in 0..<50 {
            do {
                try cluster.with(1) { try $0.propose(payload) }
                taken += 1
            } catch RaftError.proposalDropped {}
            cluster.settle { _, _ in false }
        }
        #expect(taken == 10)
        for _ in 0..<5 { cluster.tick() }
        try cluster.with(1) { try $0.propose([UInt8](repeating: 2, count: 5000)) }
        cluster.settle()
        #expect(cluster[2].commitIndex == cluster[1].lastIndex)
    }

    @Test("T45: committed entries are handed out within the limit until the earlier ones are applied")
    func applyIsBounded() throws {
        var cluster = Cluster(voters: [1]) { $0.maxCommittedBytesPerReady = 500 }
        cluster.elect(1)
        for _ in 0..<50 { try cluster.with(1) { try $0.propose([UInt8](repeating: 1, count: 76)) } }
        for _ in 0..<3 {
            cluster.takeReady(NodeID(1))
            cluster.finishAppend(NodeID(1))
        }
        cluster.takeReady(NodeID(1))
        let handedOut = cluster.members[NodeID(1)]!.applyWork.flatMap(\.entries)
        #expect(handedOut.count <= 6 && !handedOut.isEmpty)
        cluster.settle()
        #expect(cluster.members[NodeID(1)]?.applied.count == 51)
    }

    @Test("the window in bytes counts payload, and its last message may exceed it")
    func windowInBytes() throws {
        var cluster = Cluster(voters: [1, 2]) {
            $0.maxBytesPerMessage = 0
            $0.maxInflightBytes = 100
        }
        cluster.elect(1)
        for _ in 0..<10 { try cluster.with(1) { try $0.propose([UInt8](repeating: 1, count: 60)) } }
        cluster.takeReady(NodeID(1))
        #expect(cluster.network.count { $0.kind == .append && !$0.entries.isEmpty } == 2)
        for _ in 0..<5 { cluster.tick() }
        #expect(cluster[2].commitIndex == cluster[1].lastIndex)
    }

    @Test("T45: a window in bytes whose messages are all lost does not stay full")
    func lostWindowInBytes() throws {
        var cluster = Cluster(voters: [1, 2, 3]) {
            $0.maxBytesPerMessage = 100
            $0.maxInflightBytes = 150
        }
        cluster.elect(1)
        for number in 0..<40 {
            try cluster.with(1) { try $0.propose([UInt8](repeating: UInt8(number), count: 60)) }
            cluster.settle { from, to in from != 3 && to != 3 }
        }
        let peer = try #require(cluster[1].status.peers.last?.progress)
        #expect(peer.inflightIsFull && peer.inflightCount <= 3)
        for _ in 0..<3 { cluster.tick() }
        #expect(cluster.members[NodeID(3)]?.applied.count == cluster.members[NodeID(1)]?.applied.count)
        #expect(cluster[1].status.peers.last?.progress.inflightCount == 0)
    }
}
