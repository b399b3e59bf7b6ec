import Manifest
import Primitives

extension WaitCondition {
    /// What `apply --wait=TEXT` waits for: the name of a condition or of a phase of machines, or `condition=NAME` for a
    /// condition that this program need not know.
    ///
    /// - Throws: ``CommandFailure`` for any other text.
    init(ofApply text: String) throws {
        let prefix = "condition="
        if text.lowercased().hasPrefix(prefix), !text.dropFirst(prefix.count).hasPrefix("="),
            text.count > prefix.count
        {
            self = try WaitCondition(text)
            return
        }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let known = KnownCondition(named: parts[0]) {
            self = .condition(type: known.rawValue, status: parts.count == 2 ? parts[1] : "True")
            return
        }
        let phases = MachinePhase.allCases.map(\.rawValue)
        if parts.count == 1, let phase = phases.first(where: { $0.lowercased() == text.lowercased() }) {
            self = .phase(phase)
            return
        }
        let conditions = KnownCondition.allCases.map(\.rawValue)
        let near = EditDistance.nearest(to: parts[0], among: conditions + phases)
        throw CommandFailure.error(
            "--wait=\(text.harmless) names no condition" + (near.map { ", did you mean \"\($0)\"?" } ?? ":")
                + " it may be true, false, \(conditions.joined(separator: ", ")), a machine's phase such as Stopped, "
                + "or condition=NAME[=VALUE] for any other")
    }

    /// The kinds whose objects can meet it.
    var kinds: [KindInfo] {
        switch self {
        case .condition(let type, _): KnownCondition(named: type)?.kinds ?? KnownCondition.allKinds
        case .phase: [.virtualMachine]
        case .deleted, .created, .value: KindInfo.all
        }
    }

    /// For people.
    var text: String {
        switch self {
        case .condition(let type, let status): "\(type)=\(status)"
        case .phase(let phase): phase
        case .deleted: "delete"
        case .created: "create"
        case .value(_, let text, let value): text + (value.map { "=\($0)" } ?? "")
        }
    }
}
