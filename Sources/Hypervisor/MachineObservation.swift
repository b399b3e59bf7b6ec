public import Primitives

/// What one look at one machine showed.
public struct MachineObservation: Equatable, Sendable {
    public var uid: UID
    public var state: MachineState
    /// The process, where there is one.
    public var pid: Int32?
    /// The binding under which the machine was last started here.
    public var epoch: UInt64?
    /// The generation of the spec that the process was started with or needs no restart for.
    public var generation: UInt64?
    /// ``MachineSpec/launchDigest`` of the spec that the process was started with.
    public var launchDigest: String?
    public var startedAt: WallTime?
    /// When the newest process that answered was started, also one that has ended.
    public var lastStartedAt: WallTime?
    /// ``MachineSpec/graceMilliseconds`` of the last start.
    public var graceMilliseconds: Int64?
    /// `kvm` or `tcg` for QEMU.
    public var accelerator: String?
    /// The hypervisor's versioned name of the virtual hardware, such as `pc-q35-7.2`.
    public var machineType: String?
    /// When the look was taken, by the clock of this host's agent.
    public var observedAt: Instant
    /// What a person should know about the state.
    public var message: String?
    /// The names of the disks that are there, sorted; nil if they can't be listed.
    public var disks: [String]?
    /// Files that the machine was last booted from and that are still there, by the names of their images.
    public var bootImages: [String: String] = [:]

    public init(
        uid: UID, state: MachineState, pid: Int32? = nil, epoch: UInt64? = nil, generation: UInt64? = nil,
        launchDigest: String? = nil, startedAt: WallTime? = nil, accelerator: String? = nil,
        machineType: String? = nil, observedAt: Instant, message: String? = nil
    ) {
        self.uid = uid
        self.state = state
        self.pid = pid
        self.epoch = epoch
        self.generation = generation
        self.launchDigest = launchDigest
        self.startedAt = startedAt
        self.accelerator = accelerator
        self.machineType = machineType
        self.observedAt = observedAt
        self.message = message
    }
}

extension MachineObservation {
    /// A look that found nothing of a machine.
    public static func absent(_ uid: UID, at now: Instant) -> MachineObservation {
        var observation = MachineObservation(uid: uid, state: .absent, observedAt: now)
        observation.disks = []
        return observation
    }
}
