import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Testing
import Wire

/// What members say to each other with numbers at their ends: whatever the codec lets through ends no node.
@Suite("Messages of members with values at their ends")
struct EdgeMessageTests {
    private static let numbers: [UInt64] = [
        0, 1, 2, 1 << 31, 1 << 53, (1 << 56) - 1, 1 << 56, (1 << 63) - 1, 1 << 63, .max - 1, .max,
    ]
    private static let signed: [Int64] = [.min, -1, 0, 1, .max - 1, .max]

    private func cluster() -> SmallCluster {
        var cluster = SmallCluster(size: 3)
        _ = cluster.write(ReplicaTests.write([ReplicaTests.put("a"), ReplicaTests.put("b")], 1))
        cluster.run { cluster in cluster.nodes.values.allSatisfy { $0.replica.fleet.unbound().isEmpty } }
        return cluster
    }

    /// What a message is after its way over the wire; nil if it is refused there.
    private func travelled(_ message: PeerMessage) -> PeerMessage? {
        // Refusing is one of the two right answers.
        try? PeerMessageCodec.decode(PeerMessageCodec.encode(message))
    }

    /// Everything that a shell asks of a node between inputs.
    private func look(_ cluster: SmallCluster, _ what: String) throws {
        for (id, node) in cluster.nodes {
            for now in [cluster.now, Instant(milliseconds: .max)] {
                #expect(node.replica.lives(now: now).count == node.replica.fleet.members.count, "\(what)")
            }
            for now in [cluster.now, cluster.now + 86_400_000] {
                let seen = node.replica.observations(now: now)
                #expect(NodeObservations(json: seen.json(now: now), now: now) != nil, "\(what) at \(id)")
            }
            _ = node.replica.unreadiness
        }
        #expect(cluster.stopped == [], "\(what)")
    }

    /// The cluster still takes writes, on all of its replicas.
    private func expectSound(_ cluster: inout SmallCluster, _ what: String) throws {
        for _ in 0..<100 { cluster.tick() }
        cluster.run { $0.leader != nil }
        let answer = cluster.write(ReplicaTests.write([ReplicaTests.put("last")], 999_999))
        guard case .success = answer else {
            Issue.record("\(what): \(String(describing: answer))")
            return
        }
        for _ in 0..<20 { cluster.tick() }
        #expect(Set(cluster.nodes.values.map { $0.replica.stateHash }).count == 1, "\(what)")
        try look(cluster, what)
    }

    @Test("a liveness message with a silence, a lag, a term or a leader of any number ends no replica")
    func liveness() throws {
        var cluster = cluster()
        for number in Self.numbers {
            for silence in Self.signed {
                for (from, leader) in [(1, 1), (2, 2), (2, number)] as [(UInt64, UInt64)] {
                    let message = PeerMessage.liveness(
                        Liveness(
                            term: number, leader: leader,
                            nodes: [number, 1, 2, 3].map {
                                NodeLiveness(
                                    id: $0, silentMilliseconds: silence, roundTripMicroseconds: silence, lag: number)
                            }))
                    guard let message = travelled(message) else { continue }
                    for to in [NodeID(1), NodeID(3)] where to != NodeID(from) {
                        cluster.input(.message(from: NodeID(from), message), at: to)
                    }
                    cluster.settle()
                    try look(cluster, "\(number) \(silence)")
                }
            }
        }
        try expectSound(&cluster, "liveness")
    }

    @Test("a forwarded command of every kind with any number, handed on by its author or another, ends no replica")
    func proposals() throws {
        var cluster = cluster()
        let leader = try #require(cluster.leader)
        let other = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        for (position, number) in Self.numbers.enumerated() {
            for (place, command) in commands(number, in: cluster, of: other).enumerated() {
                for author in [SmallCluster.admin, SmallCluster.key(other.rawValue), SmallCluster.key(99)] {
                    let proposal = PeerMessage.proposal(
                        ForwardedProposal(
                            request: RequestID(high: UInt64(position), low: UInt64(place)), author: author,
                            command: command))
                    guard let message = travelled(proposal) else { continue }
                    cluster.input(.message(from: other, message), at: cluster.leader ?? leader)
                    cluster.settle()
                }
            }
        }
        try expectSound(&cluster, "proposals")
    }

    /// Nothing here takes a member, a vote or the administrator away, so that the cluster has to go on.
    private func commands(_ number: UInt64, in cluster: SmallCluster, of node: NodeID) -> [Command] {
        let signed = Int64(bitPattern: number)
        let machine = ReplicaTests.key("a")
        let uid = cluster.nodes[node]?.replica.fleet[machine]?.uid ?? UID(high: number, low: number)
        let put = Put(
            key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "n"), labels: [:], annotations: [:],
            spec: [], precondition: .resourceVersion(number), requiredNode: nil)
        var judged = put
        judged.judged = Judgement(uid: uid, generation: number, epoch: number)
        let event = EventDraft(
            regarding: machine, uid: UID(high: number, low: number), type: .normal, reason: "", message: "", source: "")
        return [
            .write(WriteCommand(request: RequestID(high: number, low: 5), baseRevision: number, mutations: [])),
            .write(
                WriteCommand(
                    request: RequestID(high: number, low: 6), baseRevision: 1, mutations: [.put(put), .put(judged)])),
            .write(
                WriteCommand(
                    request: RequestID(high: number, low: 7), baseRevision: 1,
                    mutations: [
                        .delete(
                            Delete(
                                key: machine, uid: nil, resourceVersion: number, graceSeconds: Int(signed),
                                ignoreMissing: false))
                    ])),
            .report(
                NodeReport(
                    member: node.rawValue, sequence: number, nodeStatus: nil,
                    machines: [MachineReport(key: machine, uid: uid, epoch: number, status: [0], removed: true)],
                    images: [], events: [event])),
            .report(
                NodeReport(
                    member: number, sequence: number, nodeStatus: nil, machines: [], images: [], events: [])),
            .createTicket(
                TicketGrant(
                    secretHash: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32),
                    expiresAt: WallTime(milliseconds: signed), uses: Int(signed))),
            .join(
                Join(
                    id: number, name: nil, key: SmallCluster.key(77), addresses: ["h:1"],
                    ticketHash: SmallCluster.ticketHash, incarnation: number)),
            .promote(id: number), .remove(id: number > 3 ? number : 99, isForced: true),
            .updateMember(
                id: number > 3 ? number : node.rawValue, addresses: ["h\(node):1"],
                level: UInt32(truncatingIfNeeded: number)),
            .raiseLevel(UInt32(truncatingIfNeeded: number)),
            .place(
                PlacementBatch(
                    bindings: [
                        NewBinding(
                            key: machine, uid: uid, generation: number, node: "node-1", allocationCounter: number)
                    ], notes: [PlacementNote(key: machine, uid: uid, generation: number, status: [])],
                    events: [event])),
        ]
    }

    @Test("a failure of every case with any number, also for a request that was never made, ends no replica")
    func refusals() throws {
        var cluster = cluster()
        let leader = try #require(cluster.leader)
        let other = try #require(cluster.nodes.keys.sorted().first { $0 != leader })
        for number in Self.numbers {
            cluster.cut = [leader]
            let waiter = cluster.submit(ReplicaTests.write([ReplicaTests.put("late")], 700), at: other)
            cluster.cut = []
            let count = Int(clamping: number)
            let failures: [WriteFailure] = [
                .notLeader, .noQuorum(connected: count, voters: count),
                .forbidden(.speaksForAnother(node: number, name: "")),
                .forbidden(.notMember(SmallCluster.key(1), id: number)), .unavailable(.diskFull(leader: number)),
                .unavailable(.leaderHandsOver(from: number, to: number)), .tooLarge(bytes: count, limit: count),
                .outcomeUnknown(RequestID(high: number, low: number)),
            ]
            for failure in failures {
                let failed = ForwardedFailure(request: RequestID(high: 0, low: 700), failure: failure)
                guard let message = travelled(.writeFailed(failed)) else { continue }
                cluster.input(.message(from: leader, message), at: other)
                cluster.settle()
            }
            cluster.run { $0.answers[waiter] != nil }
            #expect(cluster.answers[waiter] != nil, "\(number)")
        }
        try expectSound(&cluster, "failures")
    }

    @Test("a consensus message of every kind, with any number in any field, ends no replica")
    func consensus() throws {
        for kind in Message.Kind.allCases where !kind.isLocal && kind != .snapshot {
            var cluster = cluster()
            for number in Self.numbers {
                for field in 0..<6 {
                    var message = Message(kind, from: NodeID(2), to: NodeID(1))
                    message.term = field == 0 ? Term(number) : cluster.nodes[NodeID(1)]?.replica.term ?? .zero
                    if field == 1 { message.logTerm = Term(number) }
                    if field == 2 { message.index = LogIndex(number) }
                    if field == 3 { message.commit = LogIndex(number) }
                    if field == 4 {
                        message.reject = true
                        message.rejectHint = LogIndex(number)
                    }
                    if field == 5 { message.entries = [Entry(term: Term(number), index: LogIndex(number), data: [1])] }
                    guard let message = travelled(.raft(message)) else { continue }
                    cluster.input(.message(from: NodeID(2), message), at: NodeID(1))
                    cluster.settle()
                    cluster.tick()
                }
            }
            // A member may talk the others out of their leader, and into another term, but ends nobody.
            #expect(cluster.stopped.isEmpty, "\(kind): \(cluster.stopped)")
            try look(cluster, "\(kind)")
        }
    }
}
