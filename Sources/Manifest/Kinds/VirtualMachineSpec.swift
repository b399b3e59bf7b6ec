/// What a user wants of a machine, with all defaults filled in.
public struct VirtualMachineSpec: Hashable, Sendable {
    public var runStrategy = RunStrategy.always
    /// Stopped by hand: the machine does not run, whatever its run strategy says.
    public var isStopped = false
    /// 1 to 64.
    public var vcpus = 1
    /// 16 MiB to 64 TiB.
    public var memoryBytes: Int64 = 128 << 20
    public var boot = Boot.builtin
    /// Distinct names, at most 16.
    public var disks: [Disk] = []
    /// Distinct names, at most 8.
    public var networks: [Network] = []
    /// The one node that it may run on; nil leaves it to placement.
    public var nodeName: String?
    /// Labels that its node must have.
    public var nodeSelector: [String: String] = [:]
    /// How long a guest that was asked to power off may take before it is killed: 0 to 3600.
    public var terminationGracePeriodSeconds = 30

    /// A spec of nothing but defaults.
    public init() {}

    static let memoryRange: ClosedRange<Int64> = (16 << 20)...(64 << 40)
    static let diskRange: ClosedRange<Int64> = (1 << 20)...(1 << 50)
    static let mostDisks = 16
    static let mostNetworks = 8
    static let mostPortForwards = 64
    /// Linux takes 2048 on x86, the zero at the end included.
    static let longestCommandLine = 2047

    /// When the machine runs.
    public enum RunStrategy: String, Hashable, Sendable, CaseIterable {
        /// It runs; when it ends, for whatever reason, it is started again.
        case always = "Always"
        /// It runs; it is started again only if it failed, and stays stopped when the guest powered off.
        case rerunOnFailure = "RerunOnFailure"
        /// It runs once and is started again only on request.
        case once = "Once"
        /// It is started only on request.
        case manual = "Manual"
        /// It does not run.
        case halted = "Halted"
    }

    /// Why the machine is not meant to run at all; nil if it may run.
    public var rest: Rest? {
        if runStrategy == .halted { return .halted }
        return isStopped ? .stoppedByHand : nil
    }

    /// Why a machine is not meant to run.
    public enum Rest: Hashable, Sendable, CaseIterable {
        /// Its run strategy says so.
        case halted
        /// `vm stop` said so, or a manifest with `stopped: true`.
        case stoppedByHand

        /// A clause for people.
        public var reason: String {
            switch self {
            case .halted: "runStrategy is Halted"
            case .stoppedByHand: "it is stopped by hand"
            }
        }
    }

    /// What the machine boots.
    public enum Boot: Hashable, Sendable {
        /// The small guest that every driver carries.
        case builtin
        /// A Linux kernel: names of Images, and the kernel's command line.
        case kernel(image: String, initrd: String?, commandLine: String?)
        /// The boot sector or EFI partition of one of the machine's disks, by its name.
        case disk(String)
    }

    public struct Disk: Hashable, Sendable {
        public var name: String
        /// 1 MiB to 1 PiB.
        public var sizeBytes: Int64
        public var format: DiskFormat
        /// The Image that it is first filled with; nil for an empty disk.
        public var image: String?

        public init(name: String, sizeBytes: Int64, format: DiskFormat, image: String?) {
            self.name = name
            self.sizeBytes = sizeBytes
            self.format = format
            self.image = image
        }
    }

    public enum DiskFormat: String, Hashable, Sendable, CaseIterable {
        case raw
        case qcow2
    }

    public struct Network: Hashable, Sendable {
        public var name: String
        public var type: NetworkType
        public var portForwards: [PortForward]

        public init(name: String, type: NetworkType, portForwards: [PortForward]) {
            self.name = name
            self.type = type
            self.portForwards = portForwards
        }
    }

    public enum NetworkType: String, Hashable, Sendable, CaseIterable {
        /// The driver's own address translation: out to the world, in by port forwards only.
        case user
    }
}

/// A port of the host that leads to a port of the guest.
public struct PortForward: Hashable, Sendable {
    public enum TransportProtocol: String, Hashable, Sendable, CaseIterable {
        case tcp
        case udp
    }

    public var transport: TransportProtocol
    /// The address of the host that listens, IPv4.
    public var hostAddress: String
    /// 1 to 65535.
    public var hostPort: Int
    /// 1 to 65535.
    public var guestPort: Int

    public init(transport: TransportProtocol, hostAddress: String, hostPort: Int, guestPort: Int) {
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.guestPort = guestPort
    }
}
