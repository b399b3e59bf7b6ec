import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile

/// A plan as a comment of a pull request: a line with the counts, then tables.
struct PlanMarkdown {
    private(set) var text = ""

    init(_ plan: PlanAnswer) {
        let changed = plan.objects.filter { $0.operation != PlannedObject.unchanged }
        text += "### blixard plan\n\n"
        if let set = plan.set {
            text += "Set `\(Self.cell(set.name))`"
            text += set.isNew ? ", to become revision \(set.revision)\n\n" : ", at revision \(set.revision)\n\n"
        }
        text += Self.summary(plan) + "\n"
        if !changed.isEmpty {
            text += "\n| object | change | fields |\n|---|---|---|\n"
            for object in changed { text += Self.row(object) }
        }
        let actions = plan.actions
        if !actions.isEmpty {
            text += "\n<details><summary>What the nodes would do: \(actions.count)</summary>\n\n"
            text += "| object | node | action | reason |\n|---|---|---|---|\n"
            for action in actions {
                text += "| `\(Self.cell(Self.name(action.key)))` | \(Self.cell(action.node ?? "-")) | "
                text += "\(Self.cell(action.action)) | \(Self.cell(action.reason)) |\n"
            }
            text += "\n</details>\n"
        }
        for node in plan.unknown {
            text += "\n> **Unknown**: \(Self.cell(node.node)): \(Self.cell(node.reason))\n"
        }
    }

    private static func summary(_ plan: PlanAnswer) -> String {
        let counts = PlanCounts(plan)
        return counts.isEmpty ? "No changes." : "**\(cell(counts.description))**"
    }

    private static func row(_ object: PlannedObject) -> String {
        var details = object.fields.map { field in
            "`\(cell(field.path))`: `\(cell(value(field.old)))` to `\(cell(value(field.new)))` (\(cell(field.update)))"
        }
        if object.isDrifted { details.insert("edited by hand since the set's last revision", at: 0) }
        if let message = object.message { details.append(cell(message)) }
        return "| `\(cell(name(object.key)))` | \(cell(object.operation)) | \(details.joined(separator: "<br>")) |\n"
    }

    private static func name(_ key: ObjectKey) -> String {
        key.namespace.isEmpty ? key.resourceName : "\(key.resourceName) -n \(key.namespace)"
    }

    private static func value(_ value: JSON) -> String { value.isNull ? "<none>" : value.compactText }

    /// Text of others as a table's cell: on one line, and nothing in it is markup.
    private static func cell(_ text: String) -> String {
        var safe = ""
        for sign in text.harmless {
            switch sign {
            case "|": safe += "&#124;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "`": safe += "&#96;"
            case "&": safe += "&amp;"
            case "@": safe += "&#64;"
            default: safe.append(sign)
            }
        }
        return safe
    }
}

/// How many objects a plan does what to.
struct PlanCounts: CustomStringConvertible {
    private var counts: [(word: String, count: Int)] = []

    init(_ plan: PlanAnswer) {
        for object in plan.objects where object.operation != PlannedObject.unchanged {
            if let place = counts.firstIndex(where: { $0.word == object.operation }) {
                counts[place].count += 1
            } else {
                counts.append((object.operation, 1))
            }
        }
    }

    var isEmpty: Bool { counts.isEmpty }

    var description: String { counts.map { "\($0.count) \($0.word)" }.joined(separator: ", ") }
}
