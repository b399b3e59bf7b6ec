import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("The plan for a cluster")
struct ClusterPlanTests {
    private static let admin = PublicKey([UInt8](repeating: 1, count: 32))!
    private let now = Instant(milliseconds: 5000)
    private var fleet = Fleet()

    private static let machine = ObjectKey(kind: "VirtualMachine", namespace: "default", name: "web")
    private static let image = ObjectKey(kind: "Image", namespace: "", name: "base")
    private static let withImage: JSON = [
        "disks": [["name": "root", "size": "1Gi", "image": "base"]], "boot": ["disk": "root"],
    ]

    init() {
        apply(
            .bootstrap(
                Bootstrap(
                    clusterID: "c", member: Bootstrap.Founder(id: 1, name: nil, key: Self.admin, addresses: ["a:1"]),
                    adminKey: PublicKey([UInt8](repeating: 2, count: 32))!, adminName: "admin")))
        let room = NodeResources(cpus: 8, memoryBytes: 8 << 30)
        let status = NodeStatus(
            raftID: 1, publicKey: Self.admin, addresses: [], role: .voter, version: "1", capacity: room,
            allocatable: room, accelerator: nil, conditions: [])
        apply(
            .report(
                NodeReport(
                    member: 1, sequence: 1, nodeStatus: status.json.canonicalBytes, machines: [], images: [],
                    events: [])))
    }

    private mutating func apply(_ command: Command) {
        _ = fleet.apply(
            CommandEnvelope(stamp: WallTime(milliseconds: 1_700_000_000_000), author: Self.admin, command: command),
            index: fleet.appliedIndex + 1)
    }

    private mutating func put(_ key: ObjectKey, _ spec: JSON) {
        let put = Put(
            key: key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none, requiredNode: nil)
        apply(
            .write(
                WriteCommand(
                    request: RequestID(high: 1, low: fleet.appliedIndex), baseRevision: fleet.revision,
                    mutations: [.put(put)])))
    }

    private mutating func putImage(_ digit: String) {
        put(
            Self.image,
            ["source": "/s", "digest": .string("sha256:" + String(repeating: digit, count: 64)), "format": "raw"])
    }

    private mutating func bind() throws {
        let object = try #require(fleet[Self.machine])
        apply(
            .place(
                PlacementBatch(
                    bindings: [
                        NewBinding(
                            key: object.key, uid: object.uid, generation: object.generation, node: "node-1",
                            allocationCounter: fleet.allocationCounter(of: "node-1"))
                    ], notes: [], events: [])))
    }

    private var basis: PlanBasis {
        PlanBasis(fleet: fleet, local: "node-1", ready: Set(fleet.members.map(\.name)), peers: [:])
    }

    /// The actions on the machine, as words.
    private func plan(_ seen: NodeObservations?) -> [String] {
        basis.actions(nodes: seen.map { ["node-1": $0] } ?? [:], now: now)
            .filter { $0.key == Self.machine }.map(\.action)
    }

    /// What the node saw of the machine, having followed this generation.
    private func seen(
        _ state: MachineState, generation: UInt64, isBeingRemoved: Bool = false, retryAt: Instant? = nil,
        images: [String: NodeImage] = [:], isEnding: Bool = false, _ happened: (inout MachineHistory) -> Void = { _ in }
    ) throws -> NodeObservations {
        let uid = try #require(fleet[Self.machine]).uid
        var history = MachineHistory()
        happened(&history)
        return NodeObservations(
            machines: [
                uid: NodeObservations.Machine(
                    observation: MachineObservation(uid: uid, state: state, observedAt: now), history: history,
                    generation: generation, isBeingRemoved: isBeingRemoved, retryAt: retryAt, ageMilliseconds: 0)
            ], images: images, isEnding: isEnding)
    }

    @Test("a machine in back-off waits, and one whose spec has changed since is started at once")
    func changedSpec() throws {
        var fleet = self
        fleet.put(Self.machine, ["memory": "1Gi"])
        try fleet.bind()
        let failed = { (history: inout MachineHistory) in
            for _ in 0..<5 {
                history.startFailed(
                    .retryable(.startFailed, message: "no"), generation: 1, at: Instant(milliseconds: 5000))
            }
        }
        #expect(fleet.plan(try fleet.seen(.absent, generation: 1, failed)) == ["wait", "start"])
        fleet.put(Self.machine, ["memory": "2Gi"])
        #expect(fleet.plan(try fleet.seen(.absent, generation: 1, failed)) == ["start"])
        // The node has followed that change already, and it has failed again.
        #expect(fleet.plan(try fleet.seen(.absent, generation: 2, failed)) == ["wait", "start"])
    }

    @Test("a plan says what becomes of each object and which of its fields change, and then what the loops do")
    func changes() throws {
        var fleet = self
        fleet.put(Self.machine, ["memory": "1Gi"])
        try fleet.bind()
        let seen = try fleet.seen(.running, generation: 1)
        func put(_ key: ObjectKey, _ spec: JSON) -> Mutation {
            .put(
                Put(
                    key: key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                    requiredNode: nil))
        }
        func plan(_ mutations: [Mutation]?) -> ClusterPlan {
            fleet.basis.plan(
                mutations, request: RequestID(high: 2, low: 1), author: Self.admin, nodes: ["node-1": seen], now: now,
                wall: WallTime(milliseconds: 1_700_000_000_000))
        }
        let other = ObjectKey(kind: "VirtualMachine", namespace: "default", name: "db")
        let planned = plan([put(Self.machine, ["memory": "2Gi"]), put(other, [:])])
        #expect(planned.revision == fleet.fleet.revision)
        #expect(planned.changes.map(\.key) == [Self.machine, other])
        #expect(planned.changes.map(\.outcome) == [.done(.configured), .done(.created)])
        #expect(planned.changes[0].fields.map(\.path.description) == ["spec.memory"])
        #expect(planned.changes[1].fields.isEmpty)
        #expect(planned.actions.filter { $0.key == other }.map(\.action) == ["bind", "start"])

        let missing = Mutation.delete(
            Delete(key: other, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: false))
        let refused = plan([put(Self.machine, ["memory": "2Gi"]), missing])
        #expect(refused.changes.map(\.key) == [other])
        guard case .refused = refused.changes[0].outcome else {
            Issue.record("\(refused.changes)")
            return
        }
        // What is refused changes nothing, so the loops go on with what is wanted now.
        #expect(refused.actions == plan(nil).actions)
        #expect(plan(nil).changes.isEmpty)
    }

    @Test("a new machine fetches the image that has an object, whatever its node knows of it")
    func newMachine() throws {
        var fleet = self
        fleet.put(Self.machine, Self.withImage)
        let nothing = NodeObservations(machines: [:], images: [:])
        #expect(fleet.plan(nothing) == ["bind", "leave"])
        fleet.putImage("a")
        #expect(fleet.plan(nothing) == ["bind", "fetch-images", "start"])
        #expect(fleet.plan(nil) == ["bind", "fetch-images", "start"])
        let object = try #require(fleet.fleet[Self.image])
        var held = try #require(NodeImage(object))
        held.holding = .held(path: "/held", format: .raw, bytes: 5)
        #expect(fleet.plan(NodeObservations(machines: [:], images: ["base": held])) == ["bind", "start"])
        fleet.putImage("b")
        #expect(
            fleet.plan(NodeObservations(machines: [:], images: ["base": held])) == ["bind", "fetch-images", "start"])
    }

    @Test("another image is a new chance for a machine that failed with the one before")
    func changedImage() throws {
        var fleet = self
        fleet.putImage("a")
        fleet.put(Self.machine, Self.withImage)
        try fleet.bind()
        var held = try #require(NodeImage(fleet.fleet[Self.image]))
        held.holding = .held(path: "/held", format: .raw, bytes: 5)
        let failed = { (history: inout MachineHistory) in
            history.startFailed(
                .permanent(.badConfiguration, message: "no disk image"), generation: 1, at: Instant(milliseconds: 5000))
        }
        #expect(fleet.plan(try fleet.seen(.absent, generation: 1, images: ["base": held], failed)) == ["leave"])
        fleet.putImage("b")
        #expect(
            fleet.plan(try fleet.seen(.absent, generation: 1, images: ["base": held], failed))
                == ["fetch-images", "start"])
    }

    @Test("work that failed waits, until something else is wanted")
    func failedWork() throws {
        var fleet = self
        fleet.put(Self.machine, ["runStrategy": "Halted"])
        fleet.put(Self.machine, ["memory": "1Gi"])
        try fleet.bind()
        fleet.put(Self.machine, ["runStrategy": "Halted"])
        let later = now + 1000
        #expect(fleet.plan(try fleet.seen(.running, generation: 3, retryAt: later)) == ["wait", "stop"])
        #expect(fleet.plan(try fleet.seen(.running, generation: 3, retryAt: now)) == ["stop"])
        #expect(fleet.plan(try fleet.seen(.running, generation: 2, retryAt: later)) == ["stop"])
    }

    @Test("a node that ends stops its machines, and starts none")
    func endingNode() throws {
        var fleet = self
        fleet.put(Self.machine, ["memory": "1Gi"])
        try fleet.bind()
        #expect(fleet.plan(try fleet.seen(.running, generation: 1, isEnding: true)) == ["stop"])
        #expect(fleet.plan(try fleet.seen(.absent, generation: 1, isEnding: true)) == [])
        #expect(fleet.plan(try fleet.seen(.absent, generation: 1)) == ["start"])
        #expect(fleet.plan(nil) == [])
    }
}
