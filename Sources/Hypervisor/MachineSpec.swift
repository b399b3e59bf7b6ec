public import Primitives

/// What a driver must know to run one machine; decided and checked elsewhere, and final by the time it gets here.
///
/// Invariants: `vcpus` and `memoryBytes` are positive, names of disks and networks are unique within the machine, and
/// `.disk(name)` names one of `disks`.
public struct MachineSpec: Equatable, Sendable {
    public var uid: UID
    /// `namespace/name`, for people: process titles and messages.
    public var name: String
    /// The number of the binding under which this host may run the machine; a driver never goes back to a lower one.
    public var epoch: UInt64
    /// The generation of the object's spec from which this was made.
    public var generation: UInt64
    public var vcpus: Int
    public var memoryBytes: Int64
    public var boot: Boot
    public var disks: [Disk]
    public var networks: [Network]
    /// The files that the machine boots from by the names of their images, to be found again by a later start.
    public var bootImages: [String: String] = [:]
    /// How long its guest may take to switch itself off, for a caller that stops the machine without its manifest.
    public var graceMilliseconds: Int64?

    public init(
        uid: UID, name: String, epoch: UInt64, generation: UInt64, vcpus: Int, memoryBytes: Int64, boot: Boot,
        disks: [Disk], networks: [Network]
    ) {
        self.uid = uid
        self.name = name
        self.epoch = epoch
        self.generation = generation
        self.vcpus = vcpus
        self.memoryBytes = memoryBytes
        self.boot = boot
        self.disks = disks
        self.networks = networks
    }

    /// What the machine starts from.
    public enum Boot: Equatable, Sendable {
        /// A tiny guest that the driver carries with it: it greets on the serial console, echoes what it reads, and
        /// obeys the power button.
        case builtin
        /// A Linux kernel (bzImage or PVH ELF) in a file of this host.
        case kernel(path: String, initrd: String?, commandLine: String)
        /// The firmware boots from this disk.
        case disk(name: String)
    }

    /// The same machine with the files that it boots from under other names.
    public func naming(_ name: (String) -> String) -> MachineSpec {
        guard case .kernel(let path, let initrd, let commandLine) = boot else { return self }
        var spec = self
        spec.boot = .kernel(path: name(path), initrd: initrd.map(name), commandLine: commandLine)
        spec.bootImages = bootImages.mapValues(name)
        return spec
    }

    public enum DiskFormat: String, Equatable, Sendable, CaseIterable {
        case raw
        case qcow2
    }

    /// A disk that belongs to the machine and goes only when the machine is deleted.
    public struct Disk: Equatable, Sendable {
        public var name: String
        /// The size that the guest sees. A disk grows to it and never shrinks.
        public var sizeBytes: Int64
        public var format: DiskFormat
        /// What the disk shows before anything is written to it; only looked at when the disk is made.
        public var baseImage: BaseImage?
        /// Whether it was there at the last look. Then a start that does not find it fails: what was on it must not be
        /// replaced by an empty disk in silence.
        public var isFilled = false

        public init(name: String, sizeBytes: Int64, format: DiskFormat, baseImage: BaseImage?) {
            self.name = name
            self.sizeBytes = sizeBytes
            self.format = format
            self.baseImage = baseImage
        }
    }

    /// An image in a file of this host that does not change while a disk is based on it.
    public struct BaseImage: Equatable, Sendable {
        public var path: String
        public var format: DiskFormat

        public init(path: String, format: DiskFormat) {
            self.path = path
            self.format = format
        }
    }

    /// A network card behind address translation, with ports of the host that lead to the guest.
    public struct Network: Equatable, Sendable {
        public var name: String
        public var forwards: [PortForward]

        public init(name: String, forwards: [PortForward]) {
            self.name = name
            self.forwards = forwards
        }
    }

    public enum TransportProtocol: String, Equatable, Sendable, CaseIterable {
        case tcp
        case udp
    }

    public struct PortForward: Equatable, Sendable {
        public var `protocol`: TransportProtocol
        /// An IPv4 address of the host in dotted form.
        public var hostAddress: String
        public var hostPort: UInt16
        public var guestPort: UInt16

        public init(protocol: TransportProtocol, hostAddress: String, hostPort: UInt16, guestPort: UInt16) {
            self.protocol = `protocol`
            self.hostAddress = hostAddress
            self.hostPort = hostPort
            self.guestPort = guestPort
        }
    }
}
