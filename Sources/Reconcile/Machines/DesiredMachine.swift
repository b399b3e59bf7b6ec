public import Fleet
import Hypervisor
public import Manifest
public import Primitives

/// What the cluster wants of one machine that is bound to this node.
public struct DesiredMachine: Equatable, Sendable {
    /// What is to become of the machine.
    public enum Intent: Equatable, Sendable {
        /// It runs, and runs again when it ends, as its run strategy says.
        case run(VirtualMachineSpec.RunStrategy)
        /// It does not run; its disks stay.
        case halt(Halting)
        /// It is left as it is, except for what people request (`runStrategy: Manual`); the process of a guest that
        /// switched itself off ends.
        case leave
        /// It ends, and machine and disks go for good.
        case remove(graceSeconds: Int?)
        /// The spec has something that this program does not know, so the machine is left as it is.
        case notUnderstood(NotUnderstood)
    }

    /// Why a machine shall not run.
    public enum Halting: Equatable, Sendable {
        case spec(VirtualMachineSpec.Rest)
        /// The node ends and takes its machines down first; desired state stays as it is.
        case nodeEnds

        /// A clause for people.
        public var reason: String {
            switch self {
            case .spec(let rest): rest.reason
            case .nodeEnds: "its node ends"
            }
        }
    }

    public var key: ObjectKey
    public var uid: UID
    /// The number of the binding to this node.
    public var epoch: UInt64
    public var generation: UInt64
    public var intent: Intent
    /// The typed spec; defaults only while the intent is `notUnderstood`.
    public var spec: VirtualMachineSpec

    public init(
        key: ObjectKey, uid: UID, epoch: UInt64, generation: UInt64, intent: Intent, spec: VirtualMachineSpec
    ) {
        self.key = key
        self.uid = uid
        self.epoch = epoch
        self.generation = generation
        self.intent = intent
        self.spec = spec
    }

    /// Reads a bound virtual machine; nil for an object without a binding.
    public init?(_ object: FleetObject) {
        guard let binding = object.binding else { return nil }
        self.init(
            key: object.key, uid: object.uid, epoch: binding.epoch, generation: object.generation, intent: .leave,
            spec: VirtualMachineSpec())
        do throws(NotUnderstood) {
            spec = try VirtualMachineSpec(canonical: object.spec)
            if let rest = spec.rest {
                intent = .halt(.spec(rest))
            } else {
                intent = spec.runStrategy == .manual ? .leave : .run(spec.runStrategy)
            }
        } catch {
            intent = .notUnderstood(error)
        }
        if let deletion = object.deletion { intent = .remove(graceSeconds: deletion.graceSeconds) }
    }

    /// Whether the machine shall have no process.
    public var isHalted: Bool {
        if case .halt = intent { true } else { false }
    }

    /// Whether machine and disks are to go for good.
    public var isBeingRemoved: Bool {
        if case .remove = intent { true } else { false }
    }

    /// How long the guest may take to switch itself off.
    public var graceMilliseconds: Int64 {
        var seconds = spec.terminationGracePeriodSeconds
        if case .remove(.some(let wanted)) = intent { seconds = wanted }
        return Int64(min(max(0, seconds), Limits.deletionGraceSeconds)) * 1000
    }

    /// The images that the spec names, sorted, without repetition.
    public var imageNames: [String] {
        Array(Set(spec.disks.compactMap(\.image) + bootImageNames)).sorted()
    }

    /// Those that it boots from; empty unless it boots a kernel.
    var bootImageNames: [String] {
        if case .kernel(let image, let initrd, _) = spec.boot { [image] + (initrd.map { [$0] } ?? []) } else { [] }
    }

    /// The images without which a start can't be, sorted: those of disks that are not filled yet, and those that it
    /// boots from. Of the latter, one that can't be had is done without where the machine's former copy is still there.
    func missingImages(_ images: ImageShelf, _ observed: MachineObservation) -> [String] {
        let toFill = spec.disks.filter { observed.disks?.contains($0.name) != true }.compactMap(\.image)
        let toBoot = bootImageNames.filter { name in
            switch images[name] {
            case .unknown, .failed: observed.bootImages[name] == nil
            case .absent, .fetching, .held: true
            }
        }
        return Set(toFill + toBoot).sorted().filter { if case .held = images[$0] { false } else { true } }
    }

    /// Disks that were here and are not any more, sorted.
    func lostDisks(_ history: MachineHistory, _ observed: MachineObservation) -> [String] {
        guard let there = observed.disks else { return [] }
        return spec.disks.map(\.name).filter { history.filledDisks.contains($0) && !there.contains($0) }.sorted()
    }
}
