import Primitives
import Raft
import Testing

/// Messages that no correct node sends.
@Suite("Hostile messages")
struct HostileTests {
    private func bytes(_ limit: Int, _ chance: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0..<limit, using: &chance)).map { _ in UInt8.random(in: 0...4, using: &chance) }
    }

    private func randomMessage(_ chance: inout SeededGenerator) -> Message {
        func number() -> UInt64 {
            switch Int.random(in: 0..<8, using: &chance) {
            case 0: .max - UInt64.random(in: 0..<3, using: &chance)
            case 1: 1 << 62
            default: UInt64.random(in: 0..<8, using: &chance)
            }
        }
        func id() -> NodeID { NodeID(UInt64.random(in: 1..<6, using: &chance)) }
        var message = Message(Message.Kind.allCases.randomElement(using: &chance)!, from: id(), to: NodeID(1))
        message.term = Term(UInt64.random(in: 0..<8, using: &chance))
        message.logTerm = Term(number())
        message.index = LogIndex(number())
        message.commit = LogIndex(number())
        message.reject = Bool.random(using: &chance)
        message.rejectHint = LogIndex(number())
        message.context = bytes(10, &chance)
        var next = message.index
        for _ in 0..<Int.random(in: 0..<4, using: &chance) {
            let isInOrder = Int.random(in: 0..<4, using: &chance) != 0 && next.rawValue < 1 << 63
            next = isInOrder ? next.next : LogIndex(number())
            let kind = Entry.Kind.allCases.randomElement(using: &chance)!
            message.entries.append(Entry(term: message.term, index: next, kind: kind, data: bytes(6, &chance)))
        }
        if Bool.random(using: &chance) {
            let members = (1...5).filter { _ in Bool.random(using: &chance) }.map { NodeID(UInt64($0)) }
            message.snapshot = Snapshot(
                metadata: SnapshotMetadata(
                    index: LogIndex(number()), term: Term(number()), confState: ConfState(voters: members)),
                data: [])
        }
        return message
    }

    @Test("T47: no message from outside stops the program, in any role", arguments: 0..<20)
    func nothingStopsTheProgram(_ batch: Int) {
        var chance = SeededGenerator(seed: UInt64(batch))
        for _ in 0..<12 {
            var cluster = Cluster(voters: [1, 2, 3], learners: [4]) {
                $0.preVote = batch % 2 == 0
                $0.checkQuorum = batch % 3 == 0
            }
            if Bool.random(using: &chance) { cluster.elect(1) }
            if Bool.random(using: &chance) { cluster.elect(2) }
            var node = cluster[1]
            for _ in 0..<100 {
                let message = randomMessage(&chance)
                do {
                    try node.step(message)
                } catch {
                    #expect(!error.description.isEmpty)
                }
                if Int.random(in: 0..<4, using: &chance) == 0 { node.tick() }
                for work in node.hasReady ? node.ready().messages : [] {
                    if work.to == .appendThread { _ = node.completeAppend(work) }
                    if work.to == .applyThread {
                        for entry in work.entries where entry.isMembershipChange {
                            do { try node.applyConfChange(in: entry) } catch { #expect(!error.description.isEmpty) }
                        }
                        node.completeApply(work)
                    }
                }
            }
        }
    }

    @Test("T13: a message whose kind needs a term and has none is refused")
    func termless() {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.with(1) { $0.campaign() }
        let before = cluster[1]
        for kind in [Message.Kind.append, .heartbeat, .snapshot, .voteResponse, .appendResponse, .timeoutNow] {
            #expect(throws: RaftError.inconsistentMessage(kind, from: NodeID(2), why: "it has no term")) {
                try cluster[1].step(Message(kind, from: NodeID(2), to: NodeID(1)))
            }
        }
        #expect(cluster[1] == before)
    }

    @Test("a message that only the node itself may send is refused from others")
    func localKinds() {
        var cluster = Cluster(voters: [1, 2, 3])
        for kind in Message.Kind.allCases where kind.isLocal {
            #expect(throws: RaftError.localMessage(kind)) {
                try cluster[1].step(Message(kind, from: NodeID(2), to: NodeID(1)))
            }
        }
    }

    @Test("an answer of a node that is no member is refused")
    func strangers() {
        var cluster = Cluster(voters: [1, 2, 3])
        #expect(throws: RaftError.unknownPeer(NodeID(9))) {
            try cluster[1].step(Message(.voteResponse, from: NodeID(9), to: NodeID(1), term: Term(2)))
        }
    }

    @Test("a membership change that can't be read is refused when proposed")
    func unreadableChange() throws {
        var cluster = Cluster(voters: [1])
        cluster.elect(1)
        let entry = Entry(term: .zero, index: .zero, kind: .membership, data: [99])
        #expect(throws: RaftError.self) {
            try cluster[1].step(Message(.propose, from: NodeID(2), to: NodeID(1), entries: [entry]))
        }
    }
}

/// Single messages that noise would hardly find.
@Suite("Crafted messages")
struct CraftedMessageTests {
    private func leader() -> Cluster {
        var cluster = Cluster(voters: [1, 2, 3])
        cluster.elect(1)
        return cluster
    }

    @Test("T47: a rejection's hint beyond what was rejected is refused")
    func hint() throws {
        var cluster = leader()
        cluster.with(1) { $0.reportUnreachable(NodeID(2)) }
        let peer = try #require(cluster[1].status.peers.first { $0.id == NodeID(2) })
        let before = cluster[1]
        for term in [Term.zero, Term(2)] {
            let message = Message(
                .appendResponse, from: NodeID(2), to: NodeID(1), term: cluster[1].term, logTerm: term,
                index: peer.progress.next.previous, reject: true, rejectHint: LogIndex(.max))
            #expect(throws: RaftError.self) { try cluster[1].step(message) }
        }
        #expect(cluster[1] == before)
    }

    @Test("T47: a term that leaves no room for later ones is refused", arguments: Message.Kind.allCases)
    func lastTerm(_ kind: Message.Kind) {
        var cluster = leader()
        let before = cluster[2]
        let message = Message(
            kind, from: NodeID(3), to: NodeID(2), term: Term(.max), entries: [entry(2, 3)],
            snapshot: cluster[1].storage.snapshot)
        #expect(throws: RaftError.self) { try cluster[2].step(message) }
        #expect(cluster[2] == before)
    }

    @Test("T47: no message from the network speaks for a node's own storage or in its own name")
    func borrowedName() {
        var cluster = leader()
        let before = cluster[2]
        let mayComeBack = [Message.Kind.propose, .readIndex, .transferLeader]
        for name in [NodeID.appendThread, .applyThread, NodeID(2)] {
            for kind in Message.Kind.allCases where name.isLocalThread || !mayComeBack.contains(kind) {
                let message = Message(
                    kind, from: name, to: NodeID(2), term: cluster[2].term, logTerm: Term(2), index: LogIndex(2),
                    entries: [entry(2, 3)], snapshot: cluster[1].storage.snapshot)
                #expect(throws: RaftError.self) { try cluster[2].step(message) }
            }
        }
        #expect(cluster[2] == before)
    }

    @Test("T47: a snapshot whose membership contradicts itself is refused")
    func impossibleMembership() {
        func ids(_ raw: UInt64...) -> [NodeID] { raw.map { NodeID($0) } }
        let states = [
            ConfState(voters: [], learners: ids(1, 2)),
            ConfState(voters: ids(1, 2), learners: ids(2)),
            ConfState(voters: ids(1, 2), learners: ids(3), votersOutgoing: ids(3)),
            ConfState(voters: ids(1, 2), learnersNext: ids(3)),
            ConfState(voters: ids(1, 2), votersOutgoing: ids(1), learnersNext: ids(3)),
            ConfState(voters: ids(1, 2), votersOutgoing: ids(1, 2), learnersNext: ids(2)),
            ConfState(voters: ids(1, 2), autoLeave: true),
            ConfState(voters: ids(1, 1, 2)),
            ConfState(voters: ids(1, 2) + [.appendThread]),
        ]
        var cluster = Cluster(voters: [1, 2, 3])
        let before = cluster[2]
        for state in states {
            let message = Message(
                .snapshot, from: NodeID(1), to: NodeID(2), term: Term(2),
                snapshot: Snapshot(
                    metadata: SnapshotMetadata(index: LogIndex(9), term: Term(2), confState: state), data: []))
            #expect(throws: RaftError.self) { try cluster[2].step(message) }
        }
        #expect(cluster[2] == before)
    }
}
