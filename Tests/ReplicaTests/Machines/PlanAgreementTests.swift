import Fleet
import Hypervisor
import JSONText
import Manifest
import Primitives
import Raft
import Reconcile
import Replica
import Testing

/// A node with a few machines and images, to which random things happen, and whose plans are held against what it does.
private struct PlannedWorld {
    private static let node = NodeID(1)
    private static let machines = ["m0", "m1", "m2", "m3"]
    private static let images = ["a", "b", "none"]
    private static let strategies = ["Always", "RerunOnFailure", "Once", "Manual", "Halted"]

    private var cluster = SmallCluster(size: 1)
    private var generator: SeededGenerator
    private var requests: UInt64 = 0
    private var answeredFetches = 0
    /// How often a plan's first step was each action, so that a test sees that all were tried.
    private(set) var tried: [String: Int] = [:]
    /// What the node did otherwise than the plan had said.
    private(set) var differences: [String] = []

    /// What plans are made from instead of what the node tells.
    private let falsify: (inout NodeObservations, Fleet) -> Void

    init(seed: UInt64, falsify: @escaping (inout NodeObservations, Fleet) -> Void = { _, _ in }) {
        generator = SeededGenerator(seed: seed)
        self.falsify = falsify
        cluster.holdsWork = true
    }

    private mutating func draw(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

    private mutating func draw<Element>(of elements: [Element]) -> Element { elements[draw(elements.count)] }

    private var replica: Replica { cluster.nodes[Self.node]!.replica }

    /// Something happens beside desired state: time passes, drivers and stores answer, guests end.
    mutating func happen() {
        switch draw(8) {
        case 0, 1: for _ in 0..<draw(60) { cluster.tick() }
        case 2, 3:
            guard !cluster.heldWork.isEmpty else { return }
            let failures: [MachineFailure?] = [
                nil, nil, nil, .retryable(.startFailed, message: "once more"),
                .permanent(.badConfiguration, message: "never"),
            ]
            cluster.answerWork(at: Self.node, failing: draw(of: failures))
        case 4, 5:
            guard answeredFetches < cluster.fetches.count else { return }
            let order = cluster.fetches[answeredFetches]
            answeredFetches += 1
            let holding: ImageShelf.Holding =
                draw(3) == 0
                ? .failed(message: "404") : .held(path: "/held/\(answeredFetches)", format: .raw, bytes: 5)
            cluster.input(.image(order, holding), at: Self.node)
            cluster.settle()
        case 6:
            guard let uid = replica.fleet[ReplicaTests.key(draw(of: Self.machines))]?.uid else { return }
            switch draw(3) {
            case 0: cluster.nodes[Self.node]!.machines.crash(uid, message: "a signal", now: cluster.now)
            case 1: cluster.nodes[Self.node]!.machines.powerOff(uid, now: cluster.now)
            default: cluster.nodes[Self.node]!.machines.pause(uid, now: cluster.now)
            }
            cluster.input(
                .observed(cluster.nodes[Self.node]!.machines.observe(uid, now: cluster.now)), at: Self.node)
            cluster.settle()
        default: cluster.tick()
        }
    }

    private mutating func mutation() -> Mutation {
        let image = ObjectKey(kind: "Image", namespace: "", name: draw(of: ["a", "b"]))
        let key = ReplicaTests.key(draw(of: Self.machines))
        switch draw(10) {
        case 0:
            return .delete(Delete(key: image, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: true))
        case 1, 2:
            let spec: JSON = [
                "source": "/s", "digest": .string("sha256:" + String(repeating: draw(of: ["a", "b"]), count: 64)),
                "format": "raw",
            ]
            return .put(
                Put(
                    key: image, labels: [:], annotations: [:], spec: spec.canonicalBytes, precondition: .none,
                    requiredNode: nil))
        case 3: return .delete(Delete(key: key, uid: nil, resourceVersion: nil, graceSeconds: nil, ignoreMissing: true))
        default:
            var disk: JSON = ["name": "root", "size": "1Gi"]
            if draw(4) > 0 { disk["image"] = .string(draw(of: Self.images)) }
            return ReplicaTests.put(
                key.name,
                [
                    "runStrategy": .string(draw(of: Self.strategies)),
                    "memory": .string(draw(of: ["1Gi", "512Mi", "9Gi"])),
                    "disks": [disk], "boot": ["disk": "root"],
                ])
        }
    }

    /// Plans a change, makes it, and compares, machine by machine, before any time passes.
    mutating func planAndDo() {
        let mutations = [mutation()]
        var fleet = replica.fleet
        requests += 1
        let request = RequestID(high: 5, low: requests)
        let busy = Set(cluster.heldWork.map(\.uid))
        _ = fleet.rehearse(
            DesiredChange(mutations), request: request, baseRevision: nil, author: SmallCluster.admin, at: cluster.wall)
        let now = cluster.now
        var seen = replica.observations(now: now)
        falsify(&seen, fleet)
        var basis = replica.planBasis(now: now)
        basis.fleet = fleet
        let plan = basis.actions(nodes: ["node-1": seen], now: now)
        let fetched = cluster.fetches.count
        cluster.work = []
        let write = Command.write(
            WriteCommand(request: request, baseRevision: replica.fleet.revision, mutations: mutations))
        _ = cluster.submit(write, author: SmallCluster.admin, at: Self.node, request: request)

        for name in Self.machines {
            let key = ReplicaTests.key(name)
            guard let uid = (fleet[key] ?? replica.fleet[key])?.uid, !busy.contains(uid) else { continue }
            let steps = plan.filter { $0.key == key && $0.action != "bind" }
            let first = steps.first { $0.action != "report-removed" }
            tried[first?.action ?? "nothing", default: 0] += 1
            let done = cluster.work.first { $0.uid == uid }?.work.verb
            let isWork = first.map { !["wait", "leave", "look", "fetch-images"].contains($0.action) } ?? false
            let expected = isWork ? first?.action : nil
            if done != expected {
                differences.append(
                    "\(name): planned \(steps.map { "\($0.action) (\($0.reason))" }), did \(done ?? "nothing")")
            }
            if first?.action == "fetch-images", cluster.fetches.count == fetched, !isAsked(key) {
                differences.append("\(name): planned to fetch images, and did not")
            }
        }
    }

    /// Whether each image that the machine needs is being fetched, is there, or is waited for after a failure.
    private func isAsked(_ key: ObjectKey) -> Bool {
        guard let object = replica.fleet[key], let desired = DesiredMachine(object) else { return false }
        let images = replica.observations(now: cluster.now).images
        return desired.imageNames.allSatisfy { name in
            switch images[name]?.holding {
            case .fetching, .failed, .held: true
            case .absent, .unknown, nil: false
            }
        }
    }
}

@Suite("A plan for the cluster and what its node then does")
struct PlanAgreementTests {
    private func differences(
        seeds: Range<UInt64>, falsify: @escaping (inout NodeObservations, Fleet) -> Void = { _, _ in }
    ) -> (differences: [String], tried: [String: Int]) {
        var differences: [String] = []
        var tried: [String: Int] = [:]
        for seed in seeds {
            var world = PlannedWorld(seed: seed, falsify: falsify)
            for _ in 0..<120 {
                for _ in 0..<3 { world.happen() }
                world.planAndDo()
            }
            differences += world.differences.map { "seed \(seed): \($0)" }
            tried.merge(world.tried, uniquingKeysWith: +)
        }
        return (differences, tried)
    }

    @Test("the plan and what the node does are the same, machine by machine, for any change at any moment")
    func agree() {
        let found = differences(seeds: 0..<12)
        #expect(found.differences.prefix(3) == [], "\(found.differences.count) differences")
        for action in ["start", "resume", "stop", "delete", "fetch-images", "wait", "leave", "nothing"] {
            #expect(found.tried[action, default: 0] > 0, "\(action) was never planned: \(found.tried)")
        }
    }

    @Test("the plan and what the node does differ where the plan does not see that a change is a new chance")
    func changeForgotten() {
        let found = differences(seeds: 0..<6) { seen, fleet in
            for object in fleet.objects(kind: "VirtualMachine", namespace: nil) {
                seen.machines[object.uid]?.generation = object.generation
            }
        }
        #expect(!found.differences.isEmpty)
    }

    @Test("the plan and what the node does differ where the plan does not know what the node holds of an image")
    func imagesForgotten() {
        #expect(!differences(seeds: 0..<6) { seen, _ in seen.images = [:] }.differences.isEmpty)
    }
}
