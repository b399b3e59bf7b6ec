import JSONText
import Primitives

/// How one machine is, in a few lines.
struct MachineSummary {
    private(set) var text = ""

    init(_ object: JSON, now: WallTime) {
        let status = object["status"] ?? .null
        line("Name", object.nameText)
        line("Namespace", object.namespaceText)
        line("Status", status["phase"]?.string ?? "Pending")
        if let message = status["message"]?.string { line("Message", message) }
        let ready = object.condition("Ready")
        let reason = ready?["reason"]?.string.map { " (\($0))" } ?? ""
        line("Ready", ready.map { ($0["status"]?.string ?? "Unknown") + reason })
        line(
            "Run strategy",
            object["spec"]?["runStrategy"]?.string.map { $0 + (object.isStoppedByHand ? ", stopped by hand" : "") })
        line("Node", status["nodeName"]?.string)
        line("Epoch", status["epoch"].map(PathExpression.text))
        line("Addresses", Self.list(status["addresses"]))
        if let forwards = status["portForwards"]?.array, !forwards.isEmpty {
            line("Ports", forwards.map(Self.forward).joined(separator: ", "))
        }
        line("Restarts", status["restarts"].map(PathExpression.text))
        if let started = status["startedAt"]?.string {
            line("Started", "\(started) (\(AgeText.since(rfc3339: started, now: now)) ago)")
        }
        if let seen = status["lastSeen"]?.string {
            line("Last seen", "\(seen) (\(AgeText.since(rfc3339: seen, now: now)) ago)")
        }
        let observed = object.observedGeneration ?? 0
        line("Generation", "\(object.generation ?? 0) (acted on: \(observed))")
    }

    private static func list(_ value: JSON?) -> String? {
        let items = value?.array?.map(PathExpression.text) ?? []
        return items.isEmpty ? nil : items.joined(separator: ", ")
    }

    private static func forward(_ value: JSON) -> String {
        let host = value["hostAddress"]?.string ?? ""
        let hostPort = value["hostPort"].map(PathExpression.text) ?? "?"
        let guestPort = value["guestPort"].map(PathExpression.text) ?? "?"
        return "\(host):\(hostPort)->\(guestPort)/\(value["protocol"]?.string ?? "tcp")"
    }

    private mutating func line(_ name: String, _ value: String?) {
        text +=
            "\(name):" + String(repeating: " ", count: 14 - name.count)
            + (value ?? "<none>").harmless + "\n"
    }
}
