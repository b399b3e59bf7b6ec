public import Contract
public import Fleet
public import Manifest
public import Primitives
public import Sealing

/// What the HTTP API asks of the node that serves it.
///
/// The node daemon implements it over its replica; tests implement it over a plain `Fleet`. Every method may be called
/// from any task at any time and has its own deadline: none of them waits without end. A cancelled task's call returns
/// soon, with a failure or with what it has.
public protocol ClusterBackend: Sendable {
    /// The node that serves. Cheap: it is asked on every request.
    var localNode: LocalNode { get }

    /// What the state that this node has applied says of a key, and whether it has any state at all. Cheap: it is asked
    /// on every request.
    func standing(of key: PublicKey) -> (role: AccessRole?, isClusterKnown: Bool)

    /// An object as this node has applied it, which may be older than what others have. Cheap.
    func appliedObject(_ key: ObjectKey) -> FleetObject?

    /// The fleet with what the leader knows of the nodes' liveness.
    ///
    /// - Throws: `serviceUnavailable` or `timeout`, and neither for a stale view, which any node
    ///   that runs can give.
    func view(_ consistency: ReadConsistency) async throws(APIStatus) -> ClusterView

    /// Records the whole change as one entry, or nothing; returns when the entry is applied here.
    ///
    /// - Parameters:
    ///   - request: A repeated id gets the first answer and changes nothing.
    ///   - baseRevision: The revision that the client saw before its first try; nil takes the newest one.
    ///   - author: The authenticated key of the caller.
    /// - Throws: `serviceUnavailable` if nothing was recorded, `timeout` if that is unknown, or the cluster's refusal.
    func write(
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(APIStatus) -> WriteAnswer

    /// What `write` would do with the same arguments, by the very rules that it is judged by; records nothing.
    ///
    /// - Throws: `serviceUnavailable` without a confirmed state, or why `write` would be refused.
    func rehearse(
        _ change: DesiredChange, request: RequestID, baseRevision: UInt64?, author: PublicKey
    ) async throws(APIStatus) -> Rehearsal

    /// Records any other command: tickets and grants.
    ///
    /// - Throws: As `write`; a refusal by the fleet is in the outcome.
    func propose(
        _ command: Command, request: RequestID, author: PublicKey
    ) async throws(APIStatus) -> CommandOutcome

    /// Admits a newcomer by the secret of a ticket. Refusals of the fleet come as `forbidden`.
    ///
    /// - Parameter incarnation: Of the newcomer's log; only the same one gets the first answer again.
    /// - Throws: `forbidden`, `serviceUnavailable` if another try may help, or `timeout` if the outcome is unknown.
    func join(
        secret: [UInt8], key: PublicKey, addresses: [String], name: String?, incarnation: UInt64
    ) async throws(APIStatus) -> JoinAnswer

    /// Waits until the fleet's revision is above `after` and returns the newest one, at the latest at the timeout.
    func waitForRevision(after: UInt64, timeoutMilliseconds: Int64) async -> UInt64

    /// What the loops would do after this change, or, with nil, what they would do now.
    ///
    /// - Throws: `serviceUnavailable` without a confirmed state; why the change would be refused is in the answer.
    func plan(_ change: DesiredChange?) async throws(APIStatus) -> PlanAnswer

    /// What seals values of Secrets on this node, and opens them. Cheap.
    var sealer: SecretSealer { get }

    /// Has every member keep a new key for secrets, and then seals by it.
    ///
    /// - Throws: `serviceUnavailable`, with names, if a member gives no answer; `conflict` while Secrets are sealed by
    ///   an older key.
    func rotateSecretsKey(request: RequestID, author: PublicKey) async throws(APIStatus) -> SecretsKeyRotation

    /// Keeps keys for secrets that another member has; returns when they are on the disk.
    ///
    /// - Throws: `internalError` if they can't be written.
    func keep(_ keys: [SealingKey]) async throws(APIStatus)

    /// What this node itself observes, as `GET /blixard/v1/observed` answers it.
    func observed() async -> ObservedAnswer

    /// A piece of a machine's console log, fetched from the bound node when that is another one.
    ///
    /// - Parameters:
    ///   - offset: Where to begin, in bytes since the log's beginning; nil begins as `tailLines` says, or at the start
    ///     of what is kept.
    ///   - limit: At most so many bytes are answered.
    ///   - tailLines: Begin so many lines before the end of what is kept; ignored with an offset.
    ///   - author: The authenticated key of the caller. What a member asks for is not asked of a third one.
    /// - Throws: `notFound`, `badRequest` for a machine without a node, or `serviceUnavailable` if its node can't tell.
    func consoleLog(
        _ key: ObjectKey, offset: Int64?, limit: Int, tailLines: Int?, author: PublicKey
    ) async throws(APIStatus) -> ConsoleAnswer

    /// Starts or restarts a machine under its binding, on the node that holds it. What a member asks for is not asked
    /// of a third one.
    ///
    /// - Throws: `refused` where nothing is done, with what to do.
    func perform(
        _ verb: MachineVerb, on key: ObjectKey, author: PublicKey
    ) async throws(APIStatus) -> MachineVerbOutcome

    /// Has the leader fetch a Git repository now. What a member asks for is not asked of a third one.
    ///
    /// - Parameters:
    ///   - request: What the repository's status names once that fetch has ended; another request that waits already is
    ///     named in its place.
    ///   - author: Nil for the repository's server, which has no key.
    /// - Throws: `notFound`, `conflict` while the repository is suspended, or `serviceUnavailable` without a leader.
    func reconcile(
        source name: String, request: RequestID, author: PublicKey?
    ) async throws(APIStatus) -> ReconcileAnswer

    /// Ends the node soon, after it has answered what is under way; returns at once.
    ///
    /// - Parameter stopMachines: First stops the machines that it holds, gracefully; desired state stays as it is.
    func shutdown(stopMachines: Bool) async

    /// Prometheus text exposition; names no namespaced object.
    func metricsText() async -> String

    func readiness() async -> Readiness
}
