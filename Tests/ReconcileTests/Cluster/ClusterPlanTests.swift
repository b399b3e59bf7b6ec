import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Reconcile
import Testing

@Suite("The plan for a cluster")
struct ClusterPlanTests {
    private let now = Instant(milliseconds: 5000)
    private var cluster = OneNodeFleet(room: NodeResources(cpus: 8, memoryBytes: 8 << 30))
    private var fleet: Fleet { cluster.fleet }

    private static let machine = OneNodeFleet.machine("web")
    private static let image = ObjectKey(kind: "Image", namespace: "", name: "base")
    private static let withImage: JSON = [
        "disks": [["name": "root", "size": "1Gi", "image": "base"]], "boot": ["disk": "root"],
    ]

    private mutating func put(_ key: ObjectKey, _ spec: JSON) { cluster.put([(key, spec)]) }

    private mutating func putImage(_ digit: String) {
        put(
            Self.image,
            ["source": "/s", "digest": .string("sha256:" + String(repeating: digit, count: 64)), "format": "raw"])
    }

    private mutating func bind() { cluster.bind([Self.machine]) }

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
        fleet.bind()
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
        fleet.bind()
        let seen = try fleet.seen(.running, generation: 1)
        func put(_ key: ObjectKey, _ spec: JSON) -> Mutation {
            .put(
                Put(
                    key: key, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                    requiredNode: nil))
        }
        func plan(_ mutations: [Mutation]?) -> ClusterPlan {
            fleet.basis.plan(
                mutations.map { DesiredChange($0) }, request: RequestID(high: 2, low: 1), author: OneNodeFleet.admin,
                nodes: ["node-1": seen],
                now: now,
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
        fleet.bind()
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
        fleet.bind()
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
        fleet.bind()
        #expect(fleet.plan(try fleet.seen(.running, generation: 1, isEnding: true)) == ["stop"])
        #expect(fleet.plan(try fleet.seen(.absent, generation: 1, isEnding: true)) == [])
        #expect(fleet.plan(try fleet.seen(.absent, generation: 1)) == ["start"])
        #expect(fleet.plan(nil) == [])
    }
}
