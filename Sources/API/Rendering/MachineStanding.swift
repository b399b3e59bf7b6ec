import Fleet
import Manifest
import Primitives

/// How a machine stands at the moment of reading: what its node last said, and whether that still counts.
struct MachineStanding {
    /// The word of the STATUS column.
    let phase: String
    /// `True`, `False` or `Unknown`.
    let ready: String
    let attendance: Attendance
    /// What the node last said, when `phase` says something else.
    let lastPhase: String?
    /// Why it is so, where the stored status does not say it.
    let message: String?
    /// Whether the stored status was reported under the present binding; only then does it describe this machine.
    let isCurrent: Bool
    /// Whether the stored status can be shown as it is.
    let isStored: Bool
    let stored: CanonicalMembers

    init(_ object: FleetObject, renderer: ObjectRenderer) {
        let stored = CanonicalMembers(object.status)
        self.stored = stored
        let binding = object.binding
        isCurrent =
            !object.status.isEmpty
            && (binding == nil
                || stored.string("nodeName") == binding?.node
                    && stored.integer("epoch").map(UInt64.init(clamping:)) == binding?.epoch)
        let attendance = binding.map { renderer.attendance(of: $0.node) } ?? .present
        self.attendance = attendance
        let said = isCurrent ? Self.phase(stored) : nil
        let saidReady = isCurrent && stored.bool("ready") == true ? "True" : "False"
        let silence = binding.flatMap { attendance == .present ? nil : "\($0.node) \(attendance.phrase)" }
        let lastWord = said.map { "it last said \($0)" } ?? "it has not reported this machine"

        if object.deletion != nil {
            phase = MachinePhase.terminating.rawValue
            ready = silence == nil ? saidReady : "Unknown"
            lastPhase = said
            message =
                binding.map { "waiting for \($0.node) to report that machine and disks are gone" }
                .map { wait in silence.map { "\(wait); \($0)" } ?? wait }
        } else if let silence {
            phase = MachinePhase.unknown.rawValue
            ready = "Unknown"
            lastPhase = said
            message = "\(silence); \(lastWord)"
        } else if let said {
            phase = said
            ready = saidReady
            lastPhase = nil
            message = nil
        } else if let binding {
            phase = MachinePhase.provisioning.rawValue
            ready = "False"
            lastPhase = nil
            message = "\(binding.node) has not reported this machine yet"
        } else {
            phase = MachinePhase.provisioning.rawValue
            ready = "False"
            lastPhase = nil
            message = "waiting for a node"
        }
        isStored =
            isCurrent && stored.isWhole && object.deletion == nil && silence == nil
            && stored.string("phase") != nil
    }

    /// What the machine's node said last.
    private static func phase(_ stored: CanonicalMembers) -> String? {
        stored.string("phase") ?? stored.string(storedPhaseName)
    }

    /// The second name of the phase, in statuses that an older program has stored. It is not shown.
    static let storedPhaseName: StaticString = "printableStatus"
}
