import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile

/// A plan as people read it: changed objects with their fields, then what the nodes would do, in order.
struct PlanText {
    /// One line, and what it is about.
    struct Line: Equatable {
        var text: String
        var tone: PlanTone
    }

    private(set) var lines: [Line] = []
    /// Objects that an apply would be refused for.
    private(set) var refusals: [String] = []
    private(set) var differs = false

    init(_ plan: PlanAnswer) {
        for object in plan.objects { add(object) }
        if let set = plan.set, set.isNew { add("set \(set.name): revision \(set.revision)", .remark) }
        add(plan.actions)
        add(plan.unknown)
    }

    private mutating func add(_ text: String, _ tone: PlanTone) { lines.append(Line(text: text, tone: tone)) }

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
            let drift = object.isDrifted ? " (edited by hand since the set's last revision)" : ""
            let why = object.message.map { ": \($0)" } ?? ""
            add("\(name) \(object.operation)\(drift)\(why)", Self.tone(object.operation))
            for field in object.fields { add("  " + Self.text(field), .plain) }
        }
    }

    private static func tone(_ operation: String) -> PlanTone {
        switch operation {
        case "created": .created
        case PlannedObject.pruned, "deleted", "terminating", "cleared": .removed
        case PlannedObject.released: .remark
        default: .changed
        }
    }

    private static func text(_ field: PlannedField) -> String {
        "\(field.path): \(text(field.old)) -> \(text(field.new)) (\(field.update))"
    }

    private static func text(_ value: JSON) -> String { value.isNull ? "<none>" : value.compactText }

    private mutating func add(_ actions: [PlannedAction]) {
        guard !actions.isEmpty else { return }
        differs = true
        add("actions:", .plain)
        for action in actions {
            let node = action.node.map { " on \($0)" } ?? ""
            var line = "  \(Self.name(action.key))\(node): \(action.action)"
            if !action.reason.isEmpty { line += ": \(action.reason)" }
            if let age = action.observedAgeMilliseconds { line += " (seen \(AgeText.of(seconds: age / 1000)) ago)" }
            add(line, .plain)
        }
    }

    /// What can't be told is not the same as nothing to do.
    private mutating func add(_ nodes: [UnobservedNode]) {
        guard !nodes.isEmpty else { return }
        differs = true
        add("unknown:", .plain)
        for node in nodes { add("  \(node.node): \(node.reason)", .removed) }
    }
}
