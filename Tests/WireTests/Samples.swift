import Fleet
import Manifest
import Primitives
import Raft
import Wire

/// One of everything that has a binary form, with every optional part once there and once not.
enum Samples {
    static let machine = ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web")
    static let image = ObjectKey(kind: "Image", namespace: "", name: "debian")
    static let secret = ObjectKey(kind: "Secret", namespace: "default", name: "db")
    static let uid = UID(high: 0x0102_0304_0506_8708, low: 0x890a_0b0c_0d0e_0f10)
    static let request = RequestID(high: 0x1112_1314_1516_1718, low: 0x191a_1b1c_1d1e_1f20)

    static func key(_ number: UInt8) -> PublicKey {
        guard let key = PublicKey([UInt8](repeating: number, count: 32)) else { preconditionFailure("32 bytes") }
        return key
    }

    private static let events = [
        EventDraft(regarding: machine, uid: uid, type: .normal, reason: "Started", message: "up", source: "n1"),
        EventDraft(regarding: image, uid: nil, type: .warning, reason: "Failed", message: "ü", source: ""),
    ]

    /// By name, in the order of their numbers.
    static let commands: [(name: String, command: Command)] = [
        (
            "bootstrap",
            .bootstrap(
                Bootstrap(
                    clusterID: "c1", member: .init(id: 1, name: "n1", key: key(1), addresses: ["a:1", "b:2"]),
                    adminKey: key(2), adminName: "alice"))
        ),
        (
            "write",
            .write(
                WriteCommand(
                    request: request, baseRevision: 300,
                    mutations: [
                        .put(
                            Put(
                                key: machine, labels: ["b": "2", "a": "1"], annotations: ["n": ""],
                                spec: Array("{}".utf8), precondition: .resourceVersion(7), requiredNode: "n1")),
                        .put(
                            Put(
                                key: image, labels: [:], annotations: [:], spec: [], precondition: .absent,
                                requiredNode: nil)),
                        .put(
                            Put(
                                key: image, labels: [:], annotations: [:], spec: [], precondition: .none,
                                requiredNode: nil)),
                        .delete(
                            Delete(key: machine, uid: uid, resourceVersion: 9, graceSeconds: 30, ignoreMissing: true)),
                        .delete(
                            Delete(
                                key: image, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false)),
                    ]))
        ),
        (
            "place",
            .place(
                PlacementBatch(
                    bindings: [
                        NewBinding(key: machine, uid: uid, generation: 2, node: "n1", allocationCounter: 5)
                    ], notes: [PlacementNote(key: machine, uid: uid, generation: 3, status: [1, 2])], events: events))
        ),
        (
            "report",
            .report(
                NodeReport(
                    member: 1, sequence: 8, nodeStatus: [3],
                    machines: [MachineReport(key: machine, uid: uid, epoch: 1, status: [4], removed: true)],
                    images: [
                        ImageReport(key: image, uid: uid, status: [5]), ImageReport(key: image, uid: uid, status: nil),
                    ], events: events))
        ),
        (
            "createTicket",
            .createTicket(
                TicketGrant(
                    secretHash: [UInt8](repeating: 9, count: 32), expiresAt: .init(milliseconds: 1_800_000_000_000),
                    uses: 3))
        ),
        (
            "createNodeTicket",
            .createTicket(
                TicketGrant(
                    secretHash: [UInt8](repeating: 9, count: 32), expiresAt: .init(milliseconds: 1_800_000_000_000),
                    uses: 1, nodeName: "node-2"))
        ),
        (
            "join",
            .join(
                Join(
                    id: 2, name: nil, key: key(3), addresses: ["c:3"], ticketHash: [UInt8](repeating: 9, count: 32),
                    incarnation: 0))
        ),
        (
            "joinWithIncarnation",
            .join(
                Join(
                    id: 2, name: "n2", key: key(3), addresses: ["c:3"], ticketHash: [UInt8](repeating: 9, count: 32),
                    incarnation: 0x0102_0304_0506_0708))
        ),
        (
            "judgedWrite",
            .write(WriteCommand(request: request, baseRevision: 300, mutations: [.put(judgedPut)]))
        ),
        (
            "writeOfSet",
            .write(WriteCommand(request: request, baseRevision: 300, change: setChange))
        ),
        ("promote", .promote(id: 2)),
        ("remove", .remove(id: 200, isForced: false)),
        ("removeForced", .remove(id: 200, isForced: true)),
        ("updateMember", .updateMember(id: 2, addresses: ["d:4"], level: 2)),
        ("grant", .grant(key: key(4), name: "bob", role: .viewer)),
        ("raiseLevel", .raiseLevel(2)),
        ("revoke", .revoke(key: key(4))),
        (
            "sourceReport",
            .sourceReport(
                SourceReport(
                    key: ObjectKey(kind: "GitRepository", namespace: "", name: "infra"), uid: uid, status: [6, 7],
                    events: events))
        ),
        (
            "bootstrapWithSecrets",
            .bootstrap(
                Bootstrap(
                    clusterID: "c1", member: .init(id: 1, name: nil, key: key(1), addresses: ["a:1"]),
                    adminKey: key(2), adminName: "alice", secretsFingerprint: [UInt8](repeating: 6, count: 32)))
        ),
        ("adoptSecretsKey", .adoptSecretsKey(SecretsKey(version: 300, fingerprint: [UInt8](repeating: 6, count: 32)))),
        (
            "reseal",
            .reseal([ResealedSpec(key: secret, old: [1, 2], new: [3]), ResealedSpec(key: secret, old: [], new: [])])
        ),
        ("reveal", .reveal(secret, uid)),
    ]

    /// A set with all that may be said of it, and what its plan saw.
    static let setChange: DesiredChange = {
        let key = ObjectKey(kind: "ManifestSet", namespace: "", name: "prod")
        var put = Put(
            key: key, labels: [:], annotations: [:], spec: Array("{}".utf8), precondition: .none, requiredNode: nil)
        put.settings = SetSettings(prune: true, maxPrunePercent: 25, revisionHistoryLimit: 7)
        var delete = Delete(key: key, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false)
        delete.cascade = .orphan
        return DesiredChange(
            [.put(put), .delete(delete)],
            set: SetApplication(
                name: "prod", prune: false, maxPrunePercent: 80, allowsEmpty: true, adopts: true, expectedRevision: 300,
                message: "why", commit: "0123abcd"),
            expectation: WriteExpectation(
                objects: [
                    .init(key: key, state: nil),
                    .init(key: key, state: ManifestState(uid: UID(high: 1, low: 2), digest: 0x0102_0304_0506_0708)),
                ],
                pruned: [ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web")]))
    }()

    static func envelope(_ command: Command) -> CommandEnvelope {
        CommandEnvelope(stamp: .init(milliseconds: 1_700_000_000_123), author: key(5), command: command)
    }

    static let messages: [(name: String, message: Message)] = [
        (
            "append",
            Message(
                .append, from: NodeID(1), to: NodeID(2), term: Term(3), logTerm: Term(2), index: LogIndex(10),
                entries: [
                    Entry(term: Term(3), index: LogIndex(11), data: [1, 2, 3]),
                    Entry(term: Term(3), index: LogIndex(12), kind: .membership, data: []),
                ], commit: LogIndex(9))
        ),
        (
            "reject",
            Message(
                .appendResponse, from: NodeID(2), to: NodeID(1), term: Term(3), logTerm: Term(1), index: LogIndex(10),
                reject: true, rejectHint: LogIndex(4))
        ),
        (
            "snapshot",
            Message(
                .snapshot, from: NodeID(1), to: NodeID(300), term: Term(3),
                snapshot: Snapshot(
                    metadata: SnapshotMetadata(
                        index: LogIndex(500), term: Term(2),
                        confState: ConfState(
                            voters: [NodeID(1), NodeID(2)], learners: [NodeID(300)], votersOutgoing: [NodeID(1)],
                            learnersNext: [NodeID(2)], autoLeave: true)), data: [7, 7]))
        ),
        (
            "heartbeat",
            Message(
                .heartbeat, from: NodeID(1), to: NodeID(2), term: Term(3), commit: LogIndex(9), context: [1, 0, 9])
        ),
    ]

    private static var judgedPut: Put {
        var put = Put(
            key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web"), labels: [:], annotations: [:],
            spec: Array("{}".utf8), precondition: .none, requiredNode: nil)
        put.judged = Judgement(uid: UID(high: 1, low: 2), generation: 300, epoch: 2)
        return put
    }

    static let peerMessages: [(name: String, message: PeerMessage)] =
        [
            ("raft", .raft(messages[3].message)),
            ("proposal", .proposal(ForwardedProposal(request: request, author: key(5), command: .promote(id: 2)))),
            (
                "liveness",
                .liveness(
                    Liveness(
                        term: 4, leader: 1,
                        nodes: [
                            NodeLiveness(id: 1, silentMilliseconds: 0, roundTripMicroseconds: nil, lag: 0),
                            NodeLiveness(id: 2, silentMilliseconds: .max, roundTripMicroseconds: 350, lag: 1000),
                        ]))
            ),
        ] + failures.map { ($0, .writeFailed(ForwardedFailure(request: request, failure: $1))) }

    /// Each case of a failure, and of what its cases hold.
    private static let failures: [(String, WriteFailure)] = [
        ("failure.notLeader", .notLeader),
        ("failure.noQuorum", .noQuorum(connected: 1, voters: 300)),
        ("failure.mayOnlyRead", .forbidden(.mayOnlyRead(key(5), role: .viewer))),
        ("failure.mayOnlyRead.unknown", .forbidden(.mayOnlyRead(key(5), role: nil))),
        ("failure.notAdministrator", .forbidden(.notAdministrator(key(5)))),
        ("failure.notMember", .forbidden(.notMember(key(5), id: 300))),
        ("failure.leaderOnly", .forbidden(.leaderOnly)),
        ("failure.speaksForAnother", .forbidden(.speaksForAnother(node: 2, name: "node-3"))),
        (
            "failure.refused",
            .refused([
                Refusal(
                    reason: .invalid, key: ObjectKey(kind: "Image", namespace: "", name: "debian"),
                    field: "spec.size", message: "no"),
                Refusal(reason: .ticketUnknown, key: nil, field: nil, message: "none"),
            ])
        ),
        ("failure.stateNotKnown", .unavailable(.stateNotKnown)),
        ("failure.leaderBusy", .unavailable(.leaderBusy)),
        ("failure.membershipChanging", .unavailable(.membershipChanging)),
        ("failure.leaderHandsOver", .unavailable(.leaderHandsOver(from: 1, to: 2))),
        ("failure.diskFull", .unavailable(.diskFull(leader: 1))),
        ("failure.tooLarge", .tooLarge(bytes: 9_000_000, limit: 8_388_608)),
        ("failure.outcomeUnknown", .outcomeUnknown(request)),
    ]
}
