public import Primitives

/// What was last seen of a machine.
public struct VirtualMachineStatus: Hashable, Sendable {
    /// The generation of the spec that the rest was judged by.
    public var observedGeneration: UInt64
    /// The one word of `get`'s STATUS column.
    public var phase: MachinePhase
    public var ready: Bool
    /// The node that reports.
    public var nodeName: String?
    /// The binding's epoch that the report was made under; 0 before the first binding.
    public var epoch: UInt64
    /// The process on that node.
    public var pid: Int?
    /// When the process that is there was started.
    public var startedAt: WallTime?
    /// When the newest process that is known was started, also one that has ended.
    public var lastStartedAt: WallTime?
    /// A start by hand that its node has taken and not made yet.
    public var request: Request?
    /// Starts after the first one.
    public var restarts: Int
    /// Addresses at which the guest can be reached.
    public var addresses: [String]
    /// Ports of the node that lead to the guest.
    public var portForwards: [PortForward]
    /// The generation of the spec that the running process was launched with.
    public var launchedGeneration: UInt64?
    /// `kvm`, `tcg` or `simulated`.
    public var accelerator: String?
    /// The disks that were filled on that node, by name.
    public var disks: [String]
    /// What people should know beside the conditions.
    public var message: String?
    public var conditions: [Condition]

    /// A start by hand, recorded before it is answered, so that a restart of the agent does not lose it.
    public struct Request: Hashable, Sendable {
        /// `start` or `restart`.
        public var verb: String
        /// ``lastStartedAt`` when it was taken: another start since then has served it.
        public var lastStartedAt: WallTime?

        public init(verb: String, lastStartedAt: WallTime?) {
            self.verb = verb
            self.lastStartedAt = lastStartedAt
        }
    }

    /// Nothing seen yet.
    public init() {
        observedGeneration = 0
        phase = .unknown
        ready = false
        epoch = 0
        restarts = 0
        addresses = []
        portForwards = []
        disks = []
        conditions = []
    }
}

/// A machine's state in one word.
public enum MachinePhase: String, Hashable, Sendable, CaseIterable {
    case stopped = "Stopped"
    case provisioning = "Provisioning"
    case starting = "Starting"
    case running = "Running"
    case paused = "Paused"
    case stopping = "Stopping"
    case terminating = "Terminating"
    case crashLoopBackOff = "CrashLoopBackOff"
    case errorUnschedulable = "ErrorUnschedulable"
    case errImagePull = "ErrImagePull"
    case imagePullBackOff = "ImagePullBackOff"
    case unknown = "Unknown"
}
