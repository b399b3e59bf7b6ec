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
        /// What plans are made from.
        var situation: MachineSituation
        /// What the driver is doing right now, and why.
        var work: (step: MachineStep, startedAt: Instant, generation: UInt64)?
        /// The last step that was explained by an event, so that each is explained once.
        var explained: MachineStep?
        /// The last failure of each image that an event of the machine told, by the image's name.
        var toldFailures: [String: String] = [:]
        var lookedAt: Instant?
        /// Whether a request that an earlier run of the agent has taken was looked for.
        var hasRecalled = false
        /// Machine and disks are gone, and the cluster is to be told.
        var isRemoved = false

        init(_ situation: MachineSituation) {
            self.situation = situation
        }

        var desired: DesiredMachine { situation.desired }

        var observation: MachineObservation? {
            get { situation.observation }
            set { situation.observation = newValue }
        }

        var history: MachineHistory {
            get { situation.history }
            _modify { yield &situation.history }
        }
    }

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

    /// Requests that were taken and are not known to be recorded, in their order.
    var unrecorded: [UnrecordedRequest] = []

    struct UnrecordedRequest: Sendable {
        var waiter: Waiter
        var uid: UID
        var verdict: RequestVerdict
        var deadline: Instant
    }

    /// Images that machines here need, by the name of the `Image`.
    var images: [String: LocalImage] = [:]

    struct LocalImage: Sendable {
        var image: NodeImage
        var failures = 0
        var notBefore: Instant?

        init(_ image: NodeImage) {
            self.image = image
        }

        var holding: ImageShelf.Holding {
            get { image.holding }
            set { image.holding = newValue }
        }
    }

    /// What the node is asked to fetch for the `Image` of this name.
    func order(_ name: String) -> ImageOrder? {
        images[name].map { ImageOrder(name: name, spec: $0.image.spec) }
    }

    init(revision: UInt64) {
        self.revision = revision
    }
}
