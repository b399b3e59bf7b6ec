import Fleet
import JSONText
import Manifest
import Primitives

extension ObjectRenderer {
    /// The cells of `TableColumn.machines`.
    func machineCells(_ object: FleetObject) -> [String] {
        let standing = MachineStanding(object, renderer: self)
        let spec = CanonicalMembers(object.spec)
        let stored = standing.isCurrent ? standing.stored : CanonicalMembers([])
        let wanted = object.generation
        let running = stored.integer("launchedGeneration").map(UInt64.init(clamping:)) ?? wanted
        return [
            object.key.name,
            standing.phase,
            standing.ready,
            object.binding?.node ?? CellText.none,
            stored.firstString("addresses") ?? CellText.none,
            AgeText.since(object.createdAt, now: view.now),
            spec.integer("vcpus").map(String.init) ?? Self.defaultVcpus,
            spec.string("memory") ?? Self.defaultMemory,
            stored.string("accelerator") ?? CellText.none,
            running == wanted ? "\(wanted)" : "\(running)/\(wanted)",
            object.binding.map { silence(of: object, standing) ?? lastSeen(of: $0.node) } ?? CellText.none,
        ]
    }

    /// How long ago a machine last answered its node; nil unless the node is there and says that it does not.
    private func silence(of object: FleetObject, _ standing: MachineStanding) -> String? {
        guard standing.attendance == .present, standing.phase == MachinePhase.unknown.rawValue,
            let status = try? VirtualMachineStatus(canonical: object.status), let ready = status.conditions["Ready"]
        else { return nil }
        return AgeText.since(ready.lastTransitionTime, now: view.now)
    }

    // What the normal form leaves out stands at its default.
    private static let defaultVcpus = String(VirtualMachineSpec().vcpus)
    private static let defaultMemory = VirtualMachineSpec().json["memory"]?.string ?? CellText.unknown

    /// How long ago a node was last heard from.
    func lastSeen(of node: String) -> String {
        switch attendance(of: node) {
        case .silent(let milliseconds): AgeText.of(milliseconds: milliseconds)
        case .present: AgeText.of(milliseconds: view.liveness[node]?.lastHeardMilliseconds ?? 0)
        case .neverHeard: CellText.unknown
        }
    }
}
