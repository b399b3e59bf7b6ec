import Contract
import JSONText
import Manifest
import Primitives
import Reconcile

/// A plan as people read it: changed objects with their fields, then what the nodes would do, in order.
struct PlanText {
    private(set) var lines: [String] = []
    /// Objects that an apply would be refused for.
    private(set) var refusals: [String] = []
    private(set) var differs = false

    init(_ plan: PlanAnswer) {
        for object in plan.objects { add(object) }
        add(plan.actions)
        add(plan.unknown)
    }

    private static func name(_ key: ObjectKey) -> String {
        let isUsual = key.namespace.isEmpty || key.namespace == KindInfo.defaultNamespace
        return isUsual ? key.resourceName : "\(key.resourceName) -n \(key.namespace)"
    }

    private mutating func add(_ object: PlannedObject) {
        let name = Self.name(object.key)
        switch object.operation {
        case PlannedObject.unchanged: return
        case PlannedObject.refused: refusals.append("error: \(name) refused: \(object.message ?? "no reason given")")
        default:
            differs = true
            lines.append("\(name) \(object.operation)" + (object.message.map { ": \($0)" } ?? ""))
            for field in object.fields { lines.append("  " + Self.text(field)) }
        }
    }

    private static func text(_ field: PlannedField) -> String {
        "\(field.path): \(text(field.old)) -> \(text(field.new)) (\(field.update))"
    }

    private static func text(_ value: JSON) -> String { value.isNull ? "<none>" : value.compactText }

    private mutating func add(_ actions: [PlannedAction]) {
        guard !actions.isEmpty else { return }
        differs = true
        lines.append("actions:")
        for action in actions {
            let node = action.node.map { " on \($0)" } ?? ""
            var line = "  \(Self.name(action.key))\(node): \(action.action)"
            if !action.reason.isEmpty { line += ": \(action.reason)" }
            if let age = action.observedAgeMilliseconds { line += " (seen \(AgeText.of(seconds: age / 1000)) ago)" }
            lines.append(line)
        }
    }

    /// What can't be told is not the same as nothing to do.
    private mutating func add(_ nodes: [UnobservedNode]) {
        guard !nodes.isEmpty else { return }
        differs = true
        lines.append("unknown:")
        for node in nodes { lines.append("  \(node.node): \(node.reason)") }
    }
}
