import JSONText
import Manifest
import Primitives

/// A condition that this program knows: which kinds have it, and how it is when all is well.
enum KnownCondition: String, CaseIterable {
    case ready = "Ready"
    case scheduled = "Scheduled"
    case hypervisorAvailable = "HypervisorAvailable"
    case restartRequired = "RestartRequired"
    case guestPanicked = "GuestPanicked"
    case diskFailed = "DiskFailed"
    case diskMissing = "DiskMissing"
    case diskPressure = "DiskPressure"
    case specNotUnderstood = "SpecNotUnderstood"
    case drifted = "Drifted"

    /// Kinds that have any condition.
    static let allKinds = [KindInfo.virtualMachine, .node]

    /// In any case, as conditions are compared.
    init?(named name: String) {
        guard let found = Self.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
            return nil
        }
        self = found
    }

    var kinds: [KindInfo] {
        switch self {
        case .ready: Self.allKinds
        case .hypervisorAvailable, .diskPressure: [.node]
        case .scheduled, .restartRequired, .guestPanicked, .diskFailed, .diskMissing, .specNotUnderstood:
            [.virtualMachine]
        case .drifted: [.gitRepository]
        }
    }

    private var goodStatus: String {
        switch self {
        case .ready, .scheduled, .hypervisorAvailable: "True"
        case .restartRequired, .guestPanicked, .diskFailed, .diskMissing, .diskPressure, .specNotUnderstood, .drifted:
            "False"
        }
    }

    /// Whether an object's condition says that all is well; one that is not known does so when it is true.
    static func isGood(_ condition: JSON) -> Bool {
        let known = condition["type"]?.string.flatMap(KnownCondition.init(named:))
        return condition["status"]?.string == known?.goodStatus ?? "True"
    }
}
