import Contract
import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Reconcile

/// A body of each kind, with something in every member.
enum Bodies {
    static let key = PublicKey(Array(repeating: 7, count: 32))!
    static let web = KindInfo.virtualMachine.key(namespace: "default", name: "web")
    static let node = KindInfo.node.key(namespace: "", name: "node-1")
    static let identity = WriteIdentity(request: RequestID(high: 1, low: 2), baseRevision: .max)
    static let contact = MemberContact(id: 3, name: "node-3", key: key, addresses: ["127.0.0.1:7003", "[::1]:7003"])

    static let state = ClusterState(
        clusterID: "abc", answeredBy: "node-1", leader: ClusterLeader(id: 1, name: "node-1"), term: 3,
        quorum: QuorumView(voters: 3, needed: 2, connected: 3, has: true), revision: .max, level: .max,
        appliedIndex: 50, commitIndex: UInt64(Int64.max), stateHash: "00000000deadbeef", consistency: .stale,
        nodes: [
            ClusterNode(
                member: contact, role: "Follower", connected: true, lastHeardSeconds: 4, lag: 5,
                roundTripMicroseconds: 1234, isSelf: false),
            ClusterNode(
                member: contact, role: "Unknown", connected: false, lastHeardSeconds: nil, lag: nil,
                roundTripMicroseconds: nil, isSelf: true),
        ])

    static let report = WriteReport(
        answer: WriteAnswer(
            results: [
                MutationResult(
                    key: web, operation: .configured, uid: UID(high: 1, low: 2), resourceVersion: .max, generation: 3),
                MutationResult(key: node, operation: .cleared, uid: nil, resourceVersion: 0, generation: 0),
            ], revision: 9),
        isDryRun: true, request: RequestID(high: 1, low: 2))

    static let plan = PlanAnswer(
        revision: 41,
        objects: [
            PlannedObject(
                key: web, operation: "configured", message: nil,
                fields: [
                    PlannedField(
                        FieldChange(path: JSONPath(keys: "spec", "vcpus"), old: nil, new: 2, update: .restart))
                ]),
            PlannedObject(key: web, operation: PlannedObject.refused, message: "it is being deleted", fields: []),
        ],
        actions: [
            PlannedAction(
                key: web, node: "node-2", action: "start", reason: "it should run", observedAgeMilliseconds: 3000,
                changesSomething: true),
            PlannedAction(
                key: web, node: nil, action: "leave", reason: "", observedAgeMilliseconds: nil,
                changesSomething: false),
        ],
        unknown: [UnobservedNode(node: "node-3", reason: "silent")], cluster: "abc",
        set: SetOutcome(name: "prod", revision: 3, isNew: true),
        expectation: WriteExpectation(
            objects: [
                .init(key: web, state: ManifestState(uid: UID(high: 1, low: 2), digest: 0xabc)),
                .init(key: node, state: nil),
            ], pruned: [web]))

    static let grant = Grant(key: key, name: "alice", role: .operator)

    static let observed = ObservedAnswer(
        node: "node-1", unknownMachines: [UID(high: 1, low: 2)],
        observations: NodeObservations(
            machines: [
                UID(high: 3, low: 4): NodeObservations.Machine(
                    observation: MachineObservation(
                        uid: UID(high: 3, low: 4), state: .stopped(.crashed(message: "boom")), pid: 7, epoch: 2,
                        generation: 3, launchDigest: "ab", observedAt: Instant(milliseconds: -5)),
                    history: MachineHistory(), generation: .max, isBeingRemoved: true,
                    retryAt: Instant(milliseconds: 7), ageMilliseconds: 5)
            ],
            images: [
                "base": NodeImage(
                    uid: UID(high: 5, low: 6),
                    spec: ImageSpec(source: "/s", digestHex: String(repeating: "a", count: 64), format: .kernel),
                    holding: .failed(message: "404"))
            ], isEnding: true),
        now: .zero)

    static let answers: [any AnswerBody] = [
        state, report, plan, observed, SuccessStatus(message: nil), SuccessStatus(message: "the node ends"),
        MachineVerbAnswer(outcome: .restarting),
        ReconcileAnswer(request: RequestID(high: 1, low: 2), waits: true),
        TicketAnswer(ticket: "blx1abc", expiresAt: WallTime(milliseconds: 1_800_000_000_000), uses: 2),
        JoinAnswer(clusterID: "abc", id: 3, name: "node-3", members: [contact]),
        RemovalAnswer(name: "node-3", id: 3, machines: ["web"], revision: 9),
        GrantList(grants: [grant], revision: 9), GrantAnswer(grant: grant, revision: 9),
        RevocationAnswer(key: key, revision: 9), WhoAmI(key: key, name: "alice", role: "viewer", rights: ["read"]),
    ]

    static let requests: [any RequestBody] = [
        ApplyRequest(identity: identity, documents: [["kind": "Node"]], sources: ["a.json:1"]),
        ApplyRequest(identity: WriteIdentity(), documents: [], sources: []),
        PlanRequest(apply: nil),
        PlanRequest(apply: ApplyRequest(identity: WriteIdentity(), documents: [[:]], sources: [])),
        DeleteRequest(identity: identity, objects: [web, node], ignoresMissing: true, graceSeconds: 0),
        DeleteRequest(identity: WriteIdentity(), objects: [web], ignoresMissing: false, graceSeconds: nil),
        ShutdownRequest(stopsMachines: true),
        TicketRequest(ttlSeconds: 600, uses: 1000, node: "node-3"), TicketRequest(ttlSeconds: 1, uses: 1, node: nil),
        JoinRequest(
            secret: [1, 2], key: key, addresses: ["127.0.0.1:7003"], name: "node-3", version: "v1", incarnation: .max),
        JoinRequest(secret: [1], key: key, addresses: [], name: nil, version: nil, incarnation: 1),
        RemovalRequest(id: 3, isForced: true), RemovalRequest(id: nil, isForced: false),
        GrantRequest(key: key, name: "alice", role: .admin), GrantRequest(key: key, name: nil, role: .viewer),
    ]

    /// Values of every type, and numbers at the edges of every type.
    static let strangers: [JSON] = [
        nil, true, 0, -1, 1, .integer(.max), .integer(.min), .integer(Int64(Int32.max) + 1), huge, half, "", "text",
        "-1", "18446744073709551616", [], [nil], ["text"], [[:]], [:], ["a": 1],
    ]

    private static let huge = JSON(1e300) ?? .null
    private static let half = JSON(0.5) ?? .null

    /// Every value that differs from this one in one place, which holds a stranger, or is gone.
    static func mutations(of json: JSON) -> [JSON] {
        var mutations = strangers
        switch json {
        case .object(let object):
            for member in object {
                var without = json
                without[member.key] = JSON?.none
                mutations.append(without)
                for value in Self.mutations(of: member.value) {
                    var changed = json
                    changed[member.key] = .some(value)
                    mutations.append(changed)
                }
            }
        case .array(let elements):
            for index in elements.indices {
                for value in Self.mutations(of: elements[index]) {
                    var changed = elements
                    changed[index] = value
                    mutations.append(.array(changed))
                }
            }
        default: break
        }
        return mutations
    }
}
