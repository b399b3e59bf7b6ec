import JSONText
import Manifest
import Primitives

/// A plan as people read it: changed objects with their fields, then what the nodes would do, in order.
struct PlanText {
    private(set) var lines: [String] = []
    /// Objects that an apply would be refused for.
    private(set) var refusals: [String] = []
    private(set) var differs = false

    init(_ plan: JSON) {
        objects(plan["objects"]?.array ?? [])
        actions(plan["actions"]?.array ?? [])
        unknown(plan["unknown"]?.array ?? [])
    }

    private static func name(_ json: JSON) -> String {
        let name = ObjectKey(kind: json["kind"]?.string ?? "object", namespace: "", name: json["name"]?.string ?? "")
            .resourceName
        let namespace = json["namespace"]?.string ?? ""
        return namespace.isEmpty || namespace == KindInfo.defaultNamespace ? name : "\(name) -n \(namespace)"
    }

    private mutating func objects(_ objects: [JSON]) {
        for object in objects {
            let operation = object["operation"]?.string ?? "configured"
            let message = object["message"]?.string
            switch operation {
            case "unchanged": continue
            case "refused": refusals.append("error: \(Self.name(object)) refused: \(message ?? "no reason given")")
            default:
                differs = true
                lines.append("\(Self.name(object)) \(operation)" + (message.map { ": \($0)" } ?? ""))
                for field in object["fields"]?.array ?? [] { lines.append("  " + Self.field(field)) }
            }
        }
    }

    private static func field(_ field: JSON) -> String {
        let path = field["path"]?.string ?? "?"
        let update = field["update"]?.string.map { " (\($0))" } ?? ""
        return "\(path): \(value(field["old"])) -> \(value(field["new"]))\(update)"
    }

    private static func value(_ value: JSON?) -> String {
        guard let value, !value.isNull else { return "<none>" }
        return value.compactText
    }

    private mutating func actions(_ actions: [JSON]) {
        guard !actions.isEmpty else { return }
        differs = true
        lines.append("actions:")
        for action in actions {
            let node = action["node"]?.string.map { " on \($0)" } ?? ""
            var line = "  \(Self.name(action))\(node): \(action["action"]?.string ?? "?")"
            if let reason = action["reason"]?.string, !reason.isEmpty { line += ": \(reason)" }
            if let age = action["observedAgeSeconds"]?.integer { line += " (seen \(AgeText.of(seconds: age)) ago)" }
            lines.append(line)
        }
    }

    /// What can't be told is not the same as nothing to do.
    private mutating func unknown(_ nodes: [JSON]) {
        guard !nodes.isEmpty else { return }
        differs = true
        lines.append("unknown:")
        for node in nodes {
            lines.append("  \(node["node"]?.string ?? "?"): \(node["reason"]?.string ?? "it does not answer")")
        }
    }
}
