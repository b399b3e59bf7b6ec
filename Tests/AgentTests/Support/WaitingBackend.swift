import API
import Contract
import Fleet
import Host
import Manifest
import Primitives
import Reconcile
import Sealing
import Synchronization

/// A node on which nothing works but the restart of a machine, which waits until the test releases it.
final class WaitingBackend: ClusterBackend {
    private struct State {
        var waiting: [CheckedContinuation<APIStatus?, Never>] = []
        var isOpen = false
        var arrived = 0
    }

    let localNode: LocalNode
    private let admin: PublicKey
    private let state = Monitor(State())

    init(node: PublicKey, admin: PublicKey) {
        self.admin = admin
        localNode = LocalNode(
            id: 1, name: "node-1", key: node, addresses: ["127.0.0.1:1"], version: "1", clusterID: "cluster")
    }

    /// Returns when so many restarts were asked for.
    func awaitRequests(_ count: Int) async {
        let pool = BlockingPool(named: "await-requests", threads: 1)
        await pool.run { [state] () throws(Never) in
            state.wait { $0.arrived >= count ? .done(()) : .wait(until: nil) }
        }
    }

    /// Ends all that wait, with nil well.
    func release(_ failure: APIStatus?) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(returning: failure) }
    }

    func standing(of key: PublicKey) -> (role: AccessRole?, isClusterKnown: Bool) {
        (key == admin ? .admin : nil, true)
    }

    func appliedObject(_ key: ObjectKey) -> FleetObject? { nil }

    func view(_ consistency: ReadConsistency) async throws(APIStatus) -> ClusterView {
        throw APIStatus(WriteFailure.notLeader)
    }

    var sealer: SecretSealer { SecretSealer(keyring: Keyring(), current: nil) }

    func rotateSecretsKey(request: RequestID, author: PublicKey) async throws(APIStatus) -> SecretsKeyRotation {
        throw APIStatus(WriteFailure.notLeader)
    }

    func keep(_ keys: [SealingKey]) async throws(APIStatus) {
        throw APIStatus(WriteFailure.notLeader)
    }

    func write(
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(APIStatus) -> WriteAnswer {
        throw APIStatus(WriteFailure.notLeader)
    }

    func rehearse(
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(APIStatus) -> Rehearsal {
        throw APIStatus(WriteFailure.notLeader)
    }

    func propose(
        _ command: Command, request: RequestID, author: PublicKey
    ) async throws(APIStatus) -> CommandOutcome {
        throw APIStatus(WriteFailure.notLeader)
    }

    func join(
        secret: [UInt8], key: PublicKey, addresses: [String], name: String?, incarnation: UInt64
    ) async throws(APIStatus) -> JoinAnswer {
        throw APIStatus(WriteFailure.notLeader)
    }

    func reconcile(
        source name: String, request: RequestID, author: PublicKey?
    ) async throws(APIStatus) -> ReconcileAnswer {
        throw APIStatus(WriteFailure.notLeader)
    }

    func waitForRevision(after: UInt64, timeoutMilliseconds: Int64) async -> UInt64 { after }

    func plan(_ change: DesiredChange?) async throws(APIStatus) -> PlanAnswer {
        throw APIStatus(WriteFailure.notLeader)
    }

    func observed() async -> ObservedAnswer {
        ObservedAnswer(
            node: "waiting", unknownMachines: [], observations: NodeObservations(machines: [:], images: [:]),
            now: .zero)
    }

    func consoleLog(
        _ key: ObjectKey, offset: Int64?, limit: Int, tailLines: Int?, author: PublicKey
    ) async throws(APIStatus) -> ConsoleAnswer {
        throw APIStatus(WriteFailure.notLeader)
    }

    func perform(
        _ verb: MachineVerb, on key: ObjectKey, author: PublicKey
    ) async throws(APIStatus) -> MachineVerbOutcome {
        let failure = await withCheckedContinuation { continuation in
            state.change { state in
                state.waiting.append(continuation)
                state.arrived += 1
            }
        }
        if let failure { throw failure }
        return .restarting
    }

    func shutdown(stopMachines: Bool) async {}

    func metricsText() async -> String { "" }

    func readiness() async -> Readiness { .ready }
}
