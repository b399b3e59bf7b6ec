import JSONText
import Primitives

/// What `describe` prints of one object.
struct ObjectDescription {
    private(set) var text = ""
    private let now: WallTime

    /// - Parameters:
    ///   - set: What is said of the set that it is a member of; nil if it is a member of none.
    ///   - members: Of a set: rows of kind, namespace, name and standing. Nil for other kinds.
    init(_ object: JSON, set: String?, members: [[String]]?, events: [EventText], now: WallTime) {
        self.now = now
        head(object, set)
        if object["data"] != nil { section("Data", object["data"] ?? .null) }
        if object["spec"] != nil { section("Spec", object["spec"] ?? .null) }
        status(object["status"] ?? .null)
        conditions(object["status"]?["conditions"]?.array ?? [])
        if let members { self.members(members) }
        self.events(events)
    }

    private mutating func head(_ object: JSON, _ set: String?) {
        let metadata = object["metadata"] ?? .null
        field("Name", metadata["name"])
        if metadata["namespace"] != nil { field("Namespace", metadata["namespace"]) }
        map("Labels", metadata["labels"])
        map("Annotations", metadata["annotations"])
        if let set { line("Set", set) }
        field("API Version", object["apiVersion"])
        field("Kind", object["kind"])
        field("UID", metadata["uid"])
        field("Generation", metadata["generation"])
        let created = metadata["creationTimestamp"]?.string
        line("Created", (created ?? "<unknown>") + " (\(AgeText.since(rfc3339: created, now: now)) ago)")
        if let deleted = metadata["deletionTimestamp"]?.string {
            line("Deleted", "\(deleted) (\(AgeText.since(rfc3339: deleted, now: now)) ago)")
        }
    }

    private mutating func status(_ status: JSON) {
        guard let object = status.object else { return }
        var rest = JSONObject()
        for member in object where member.key != "conditions" { rest[member.key] = member.value }
        if !rest.isEmpty { section("Status", .object(rest)) }
    }

    private mutating func conditions(_ conditions: [JSON]) {
        guard !conditions.isEmpty else { return }
        text += "Conditions:\n"
        var rows = [["Type", "Status", "LastTransitionTime", "Reason", "Message"]]
        rows += conditions.map { condition in
            ["type", "status", "lastTransitionTime", "reason", "message"].map { condition[$0]?.string ?? "" }
        }
        table(rows)
    }

    private mutating func members(_ rows: [[String]]) {
        guard !rows.isEmpty else { return line("Members", "<none>") }
        text += "Members:\n"
        table([["Kind", "Namespace", "Name", "Standing"]] + rows)
    }

    private mutating func events(_ events: [EventText]) {
        guard !events.isEmpty else {
            text += "Events:  <none>\n"
            return
        }
        text += "Events:\n"
        let sorted = events.sorted(by: EventText.happenedBefore)
        table(
            [["Type", "Reason", "Age", "From", "Message"]]
                + sorted.map { [$0.type, $0.reason, $0.age(now: now), $0.source, $0.message] })
    }

    private mutating func table(_ rows: [[String]]) {
        for line in TableText.render(rows).split(separator: "\n") { text += "  \(line)\n" }
    }

    private mutating func section(_ name: String, _ value: JSON) {
        guard let object = value.object, !object.isEmpty else {
            line(name, "<none>")
            return
        }
        text += "\(name):\n"
        for line in YAMLText.render(value).split(separator: "\n") { text += "  \(line)\n" }
    }

    private mutating func map(_ name: String, _ value: JSON?) {
        let members = value?.object?.sortedMembers ?? []
        line(name, members.first.map { "\($0.key)=\(PathExpression.text($0.value))" } ?? "<none>")
        for member in members.dropFirst() {
            text +=
                String(repeating: " ", count: Self.width)
                + "\(member.key)=\(PathExpression.text(member.value))".harmless + "\n"
        }
    }

    private mutating func field(_ name: String, _ value: JSON?) {
        line(name, value.map(PathExpression.text) ?? "<none>")
    }

    private static let width = 14

    private mutating func line(_ name: String, _ value: String) {
        text +=
            "\(name):" + String(repeating: " ", count: max(1, Self.width - name.count - 1))
            + value.harmless + "\n"
    }
}
