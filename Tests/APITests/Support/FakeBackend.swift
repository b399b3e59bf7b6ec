import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile
import Sealing
import Synchronization

@testable import API

/// A node whose cluster is a plain fleet in memory: what is written is applied at once.
final class FakeBackend: ClusterBackend {
    struct State {
        var fleet = Fleet()
        /// What this node has applied, while it is behind the cluster.
        var lagging: Fleet?
        /// Why the cluster's state does not allow a write, if it does not.
        var admissionRefusals: [Refusal] = []
        var now = WallTime(milliseconds: 1_700_000_000_000)
        var liveness = Samples.leading
        var leader: ClusterLeader? = ClusterLeader(id: 1, name: "node-1")
        /// What linearizable views and writes end with, if anything.
        var failure: APIStatus?
        /// Nil waits until the caller is cancelled.
        var readiness: Readiness? = .ready
        var waitingForReadiness = 0
        var console: [UInt8] = []
        /// Where what is kept of the console begins, and how much each read drops.
        var consoleKept = 0
        var consoleDrops = 0
        var largestPiece = 0
        /// What was asked of single machines: `restart web`.
        var performed: [String] = []
        /// Why nothing is done for single machines, if so.
        var verbRefusal: String?
        var writes = 0
        /// The ids of the writes, in their order.
        var requests: [RequestID] = []
        var shutdowns: [Bool] = []
        var incarnations: [UInt64] = []
        var waiting = 0
        var delayMilliseconds: Int64 = 0
        /// How many answers were made that the API renders whole.
        var rendered = 0
        var keyring = Keyring()
        /// The member that views are of.
        var localID: UInt64 = 1

        /// How a write ends, and the fleet that it leaves.
        func judge(
            _ change: DesiredChange, _ request: RequestID, _ baseRevision: UInt64?, _ author: PublicKey
        ) -> (Result<WriteAnswer, APIStatus>, Fleet) {
            guard admissionRefusals.isEmpty else { return (.failure(APIStatus(admissionRefusals)), fleet) }
            var fleet = fleet
            let command = WriteCommand(
                request: request, baseRevision: baseRevision ?? fleet.revision, change: change)
            let outcome = fleet.apply(
                CommandEnvelope(stamp: now, author: author, command: .write(command)), index: fleet.appliedIndex + 1)
            switch outcome {
            case .written(let answer): return (.success(answer), fleet)
            case .refused(let refusals): return (.failure(APIStatus(refusals)), fleet)
            default: preconditionFailure("\(outcome)")
            }
        }
    }

    let local: LocalNode
    private let state: Mutex<State>

    init(admin: PublicKey, nodeKey: PublicKey = Samples.key(200)) {
        local = LocalNode(
            id: 1, name: "node-1", key: nodeKey, addresses: ["127.0.0.1:7001"], version: "0.1.0",
            clusterID: "cluster-a")
        state = Mutex(State())
        apply(
            .bootstrap(
                Bootstrap(
                    clusterID: "cluster-a",
                    member: Bootstrap.Founder(id: 1, name: nil, key: nodeKey, addresses: ["127.0.0.1:7001"]),
                    adminKey: admin, adminName: "root")), author: nil)
    }

    @discardableResult
    func apply(_ command: Command, author: PublicKey?) -> CommandOutcome {
        state.withLock { state in
            state.fleet.apply(
                CommandEnvelope(stamp: state.now, author: author, command: command),
                index: state.fleet.appliedIndex + 1)
        }
    }

    func with<Value: Sendable>(_ body: @Sendable (inout sending State) -> sending Value) -> Value {
        state.withLock(body)
    }

    var fleet: Fleet { state.withLock { $0.fleet } }

    var localNode: LocalNode { local }

    func standing(of key: PublicKey) -> (role: AccessRole?, isClusterKnown: Bool) {
        state.withLock { ($0.fleet.role(of: key), !$0.fleet.clusterID.isEmpty) }
    }

    func appliedObject(_ key: ObjectKey) -> FleetObject? { state.withLock { ($0.lagging ?? $0.fleet)[key] } }

    func view(_ consistency: ReadConsistency) async throws(APIStatus) -> ClusterView {
        let (delay, failure) = state.withLock { ($0.delayMilliseconds, $0.failure) }
        if consistency == .linearizable {
            // A cancelled test is over anyway.
            if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
            if let failure { throw failure }
        }
        return state.withLock { state in
            ClusterView(
                fleet: state.fleet, now: state.now, isStale: consistency == .stale, leader: state.leader, term: 3,
                localID: state.localID, commitIndex: state.fleet.appliedIndex,
                quorum: QuorumView(voters: 1, needed: 1, connected: 1, has: state.leader != nil),
                liveness: state.liveness)
        }
    }

    func write(
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(APIStatus) -> WriteAnswer {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        let outcome = state.withLock { state in
            let (outcome, fleet) = state.judge(change, request, baseRevision, author)
            state.fleet = fleet
            state.writes += 1
            state.requests.append(request)
            return outcome
        }
        return try outcome.get()
    }

    func rehearse(
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(APIStatus) -> Rehearsal {
        var view = try await view(.linearizable)
        let (outcome, fleet) = state.withLock { $0.judge(change, request, baseRevision, author) }
        view.fleet = fleet
        return Rehearsal(answer: try outcome.get(), view: view)
    }

    func propose(
        _ command: Command, request: RequestID, author: PublicKey
    ) async throws(APIStatus) -> CommandOutcome {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return apply(command, author: author)
    }

    func join(
        secret: [UInt8], key: PublicKey, addresses: [String], name: String?, incarnation: UInt64
    ) async throws(APIStatus) -> JoinAnswer {
        guard secret == [1, 2, 3] else { throw APIStatus(.forbidden, "the ticket is unknown") }
        state.withLock { $0.incarnations.append(incarnation) }
        return JoinAnswer(
            clusterID: "cluster-a", id: 2, name: name ?? "node-2", members: fleet.members.map(MemberContact.init))
    }

    func waitForRevision(after: UInt64, timeoutMilliseconds: Int64) async -> UInt64 {
        state.withLock { $0.waiting += 1 }
        defer { state.withLock { $0.waiting -= 1 } }
        let end = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
        while ContinuousClock.now < end, !Task.isCancelled {
            let revision = fleet.revision
            if revision > after { return revision }
            // Cancelled: the loop ends.
            try? await Task.sleep(for: .milliseconds(2))
        }
        return fleet.revision
    }

    func plan(_ change: DesiredChange?) async throws(APIStatus) -> PlanAnswer {
        _ = try await view(.linearizable)
        state.withLock { $0.rendered += 1 }
        return PlanAnswer(
            revision: fleet.revision,
            objects: (change?.mutations ?? []).map {
                PlannedObject(
                    key: $0.key, operation: "configured", message: nil,
                    fields: [
                        PlannedField(path: "spec.vcpus", old: 1, new: 2, update: UpdateClass.restart.rawValue)
                    ])
            },
            actions: [
                PlannedAction(
                    key: Samples.machine("web"), node: "node-1", action: "start", reason: "not running",
                    observedAgeMilliseconds: 1500, changesSomething: true)
            ],
            unknown: [UnobservedNode(node: "node-9", reason: "silent")])
    }

    var sealer: SecretSealer {
        state.withLock { SecretSealer(keyring: $0.keyring, current: $0.fleet.secretsKey) }
    }

    func rotateSecretsKey(request: RequestID, author: PublicKey) async throws(APIStatus) -> SecretsKeyRotation {
        let key = SealingKey.random(version: (fleet.secretsKey?.version ?? 0) + 1)
        try await keep([key])
        apply(.adoptSecretsKey(key.record), author: author)
        return SecretsKeyRotation(version: key.version, members: ["node-1"])
    }

    func keep(_ keys: [SealingKey]) async throws(APIStatus) {
        state.withLock { state in
            for key in keys { _ = state.keyring.add(key) }
        }
    }

    func observed() async -> ObservedAnswer {
        state.withLock { $0.rendered += 1 }
        return ObservedAnswer(
            node: "node-1", unknownMachines: [UID(high: 1, low: 2)],
            observations: NodeObservations(machines: [:], images: [:]), now: .zero)
    }

    func consoleLog(
        _ key: ObjectKey, offset: Int64?, limit: Int, tailLines: Int?, author: PublicKey
    ) async throws(APIStatus) -> ConsoleAnswer {
        guard fleet[key] != nil else { throw .notFound(key) }
        let (all, kept) = state.withLock { state in
            defer { state.consoleKept += state.consoleDrops }
            state.largestPiece = max(state.largestPiece, limit)
            return (state.console, state.consoleKept)
        }
        var start = max(kept, Int(offset ?? 0))
        if offset == nil, let tailLines { start = max(kept, Samples.tail(of: all, lines: tailLines)) }
        let end = start < all.count ? min(all.count, start + min(limit, all.count)) : start
        return ConsoleAnswer(
            bytes: start < end ? Array(all[start..<end]) : [], nextOffset: Int64(max(start, end)),
            keptOffset: Int64(kept), endOffset: Int64(all.count))
    }

    func perform(
        _ verb: MachineVerb, on key: ObjectKey, author: PublicKey
    ) async throws(APIStatus) -> MachineVerbOutcome {
        guard fleet[key] != nil else { throw .notFound(key) }
        let refusal = state.withLock { state in
            if state.verbRefusal == nil { state.performed.append("\(verb.rawValue) \(key.name)") }
            return state.verbRefusal
        }
        if let refusal { throw APIStatus(.conflict, refusal) }
        return verb == .start ? .starting : .restarting
    }

    func reconcile(
        source name: String, request: RequestID, author: PublicKey?
    ) async throws(APIStatus) -> ReconcileAnswer {
        let key = KindInfo.gitRepository.key(namespace: "", name: name)
        guard fleet[key] != nil else { throw .notFound(key) }
        if let refusal = state.withLock({ $0.verbRefusal }) { throw APIStatus(.conflict, refusal) }
        state.withLock { $0.performed.append("reconcile \(name)") }
        return ReconcileAnswer(request: request, waits: false)
    }

    func shutdown(stopMachines: Bool) async { state.withLock { $0.shutdowns.append(stopMachines) } }

    func metricsText() async -> String {
        state.withLock { $0.rendered += 1 }
        return "blixard_up 1\n"
    }

    func readiness() async -> Readiness {
        if let readiness = with({ $0.readiness }) { return readiness }
        with { $0.waitingForReadiness += 1 }
        let (never, input) = AsyncStream.makeStream(of: Never.self)
        // Ends by cancellation alone.
        for await _ in never {}
        input.finish()
        with { $0.waitingForReadiness -= 1 }
        return .notReady("cancelled")
    }
}
