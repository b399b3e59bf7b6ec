public import Hypervisor
public import Manifest
public import Primitives

/// What a node remembers of one machine between two passes, for as long as the agent runs.
///
/// It delays and explains, and holds what people requested and what is not done yet. A restart of the agent loses it,
/// but for the request, which the machine's status tells.
public struct MachineHistory: Equatable, Sendable {
    /// A machine that ran this long is healthy: what came before no longer delays its next restart.
    public static let healthyAfterMilliseconds: Int64 = 60_000
    public static let backoff = Backoff(baseMilliseconds: 1000, capMilliseconds: 300_000)

    /// Starts that failed, or ended early, in a row.
    public private(set) var failures = 0
    /// The moment before which no start is tried.
    public private(set) var notBefore: Instant?
    /// Why the last start did not succeed; nil once one did.
    public private(set) var lastFailure: MachineFailure?
    /// The generation and images for which `lastFailure` was found, when no retry can mend it.
    public private(set) var failedGeneration: UInt64?
    /// The start that people requested and that has not been made yet.
    public private(set) var requested: Requested?
    /// When the newest process had been started as the request was taken.
    public private(set) var startedBeforeRequest: WallTime?
    /// Disks that were seen on this node, or that the cluster knows to have been.
    public private(set) var filledDisks: Set<String> = []
    private var runningSince: Instant?

    /// A start that is made whatever the run strategy says.
    public enum Requested: String, Equatable, Sendable, CaseIterable {
        /// A process that is there is kept.
        case start
        /// The process that is there has to go first.
        case replacement
        /// The process is gone, and its successor is not there yet.
        case successor

        /// A clause for people.
        public var reason: String { self == .start ? "a start was requested" : "a restart was requested" }
    }

    public init() {}

    /// A history that another node told.
    init(
        failures: Int, notBefore: Instant?, lastFailure: MachineFailure?, failedGeneration: UInt64?,
        requested: Requested?, filledDisks: Set<String>
    ) {
        self.failures = failures
        self.notBefore = notBefore
        self.lastFailure = lastFailure
        self.failedGeneration = failedGeneration
        self.requested = requested
        self.filledDisks = filledDisks
    }

    /// These disks are, or were, there.
    public mutating func filled(_ disks: [String]) {
        filledDisks.formUnion(disks)
    }

    /// A user takes empty disks in the place of those that are gone.
    public mutating func acceptLoss(keeping disks: [String]) {
        filledDisks.formIntersection(disks)
    }

    /// Takes a request that was accepted; what failed before no longer delays or forbids a start.
    ///
    /// - Parameter lastStartedAt: When the newest process was started.
    public mutating func take(_ request: MachineRequest, lastStartedAt: WallTime?) {
        startedBeforeRequest = lastStartedAt
        switch request {
        case .restart: requested = .replacement
        // A restart that is under way starts the machine too.
        case .start: requested = requested ?? .start
        }
        failures = 0
        notBefore = nil
        failedGeneration = nil
        lastFailure = nil
    }

    /// The request in the form in which the status tells it.
    public var request: VirtualMachineStatus.Request? {
        requested.map { requested in
            VirtualMachineStatus.Request(
                verb: MachineRequest(requested).rawValue, lastStartedAt: startedBeforeRequest)
        }
    }

    /// There is no process any more that would have to go first.
    public mutating func processIsGone() {
        if requested == .replacement { requested = .successor }
    }

    /// The machine runs, so there is nothing to start; a process that is to be replaced still is.
    public mutating func startIsServed() {
        if requested != .replacement { requested = nil }
    }

    /// The machine is not meant to run any more.
    public mutating func dropRequest() {
        requested = nil
    }

    public mutating func observedRunning(at now: Instant) {
        if runningSince == nil { runningSince = now }
        lastFailure = nil
        failedGeneration = nil
    }

    /// The machine is seen without a running guest after it was seen with one.
    public mutating func observedEnd(at now: Instant) {
        guard let since = runningSince else { return }
        runningSince = nil
        failures = now - since >= Self.healthyAfterMilliseconds ? 1 : failures.addingClamped(1)
        // The first restart comes at once; a machine that keeps ending waits longer each time.
        notBefore = failures <= 1 ? nil : now + Self.backoff.delay(afterFailures: failures - 1)
    }

    /// The machine ended because it was to end: that is no reason for it to wait.
    public mutating func expectedEnd() {
        runningSince = nil
    }

    public mutating func startFailed(_ failure: MachineFailure, generation: UInt64, at now: Instant) {
        failures = failures.addingClamped(1)
        lastFailure = failure
        failedGeneration = failure.isRetryable ? nil : generation
        // The request has its answer, and the strategy alone says what comes after a change of the spec.
        if !failure.isRetryable, requested != .replacement { requested = nil }
        notBefore = now + Self.backoff.delay(afterFailures: failures)
    }

    /// A change of the spec is a new chance.
    public mutating func specChanged() {
        failures = 0
        notBefore = nil
        failedGeneration = nil
        lastFailure = nil
    }
}
