public import Fleet
public import Manifest
public import Primitives

/// What the cluster wants of one machine that is bound to this node.
public struct DesiredMachine: Equatable, Sendable {
    /// What is to become of the machine.
    public enum Intent: Equatable, Sendable {
        /// It runs, and runs again when it ends, as its run strategy says.
        case run(VirtualMachineSpec.RunStrategy)
        /// It does not run; its disks stay.
        case halt
        /// It is left as it is (`runStrategy: Manual`).
        case leave
        /// It ends, and machine and disks go for good.
        case remove(graceSeconds: Int?)
        /// The spec has something that this program does not know, so the machine is left as it is.
        case notUnderstood(NotUnderstood)
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
            key: object.key, uid: object.uid, epoch: binding.epoch, generation: object.generation, intent: .halt,
            spec: VirtualMachineSpec())
        do throws(NotUnderstood) {
            spec = try VirtualMachineSpec(canonical: object.spec)
            intent =
                switch spec.runStrategy {
                case .halted: .halt
                case .manual: .leave
                case .always, .rerunOnFailure, .once: .run(spec.runStrategy)
                }
        } catch {
            intent = .notUnderstood(error)
        }
        if let deletion = object.deletion { intent = .remove(graceSeconds: deletion.graceSeconds) }
    }

    /// How long the guest may take to switch itself off.
    public var graceMilliseconds: Int64 {
        var seconds = spec.terminationGracePeriodSeconds
        if case .remove(.some(let wanted)) = intent { seconds = wanted }
        return Int64(min(max(0, seconds), Limits.deletionGraceSeconds)) * 1000
    }

    /// The images that a start needs, sorted, without repetition.
    public var imageNames: [String] {
        var names = spec.disks.compactMap(\.image)
        if case .kernel(let image, let initrd, _) = spec.boot { names += [image] + (initrd.map { [$0] } ?? []) }
        return Array(Set(names)).sorted()
    }
}
