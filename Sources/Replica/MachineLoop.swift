import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile

/// What a node knows of the machines that are bound to it, and of those that it found on its host.
struct MachineLoop: Sendable {
    /// Stands for the node's own question whether it has caught up.
    static let catchUpWaiter = Waiter(0)

    struct Machine: Sendable {
        var desired: DesiredMachine
        var observation: MachineObservation?
        var history = MachineHistory()
        /// What the driver is doing right now, and why.
        var work: (step: MachineStep, startedAt: Instant, generation: UInt64)?
        /// How often work other than a start failed in a row, and the moment before which it is not tried again.
        var failuresInRow = 0
        var retryAt: Instant?
        /// The last step that was explained by an event, so that each is explained once.
        var explained: MachineStep?
        var lookedAt: Instant?
        /// Machine and disks are gone, and the cluster is to be told.
        var isRemoved = false

        /// What failed is tried again at once: it succeeded, or something else is wanted now.
        mutating func newChance() {
            failuresInRow = 0
            retryAt = nil
        }
    }

    /// Between tries of work that fails.
    static let retries = Backoff(baseMilliseconds: 1000, capMilliseconds: 30_000)

    /// Machines that are bound to this node.
    var machines: [UID: Machine] = [:]
    /// Machines that were found on this host and are bound to nobody here: reported, never touched.
    var strangers: [UID: MachineObservation] = [:]
    /// Passes that are wanted.
    var queue = WorkQueue<UID>()
    /// The feed has been followed up to here.
    var revision: UInt64
    /// All machines of the host were looked at once since the agent started.
    var hasLooked = false
    /// A quorum has confirmed an index since the agent started, and it is applied: starts are allowed from now on.
    var isCaughtUp = false
    var catchUpAsked: Instant?
    var isHalting = false
    var haltReported = false

    /// Images that machines here need, by the name of the `Image`.
    var images: [String: LocalImage] = [:]

    struct LocalImage: Sendable {
        var order: ImageOrder
        var uid: UID
        var holding: ImageShelf.Holding
        var failures = 0
        var notBefore: Instant?
        /// The failure that the machines' events tell of.
        var toldFailure: String?
    }

    init(revision: UInt64) {
        self.revision = revision
    }
}
