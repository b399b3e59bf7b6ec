import JSONText
import Manifest
import Primitives

/// One event as people read it.
struct EventText {
    let json: JSON
    let type: String
    let reason: String
    let message: String
    /// RFC 3339; empty if unknown.
    let firstSeen: String
    let lastSeen: String
    let count: Int64
    let source: String
    let namespace: String
    /// The cluster's change counter when it happened last: the order of what happened, which times can't tell.
    let revision: UInt64
    private let regarding: JSON

    /// Events carry either their own names of fields or those of Kubernetes.
    init(_ json: JSON) {
        self.json = json
        // The fields stand at the top, as in Kubernetes, or in the spec, as in all other kinds.
        let body = json["reason"] != nil ? json : json["spec"] ?? json
        func text(_ names: String...) -> String { names.lazy.compactMap { body[$0]?.string }.first ?? "" }
        type = text("type")
        reason = text("reason")
        message = text("message", "note")
        firstSeen = text("firstSeen", "firstTimestamp")
        lastSeen = text("lastSeen", "lastTimestamp")
        count = body["count"]?.integer ?? 1
        source = body["source"]?["component"]?.string ?? text("source", "reportingController")
        revision = json["metadata"]?["resourceVersion"]?.string.flatMap { UInt64($0) } ?? 0
        regarding = body["regarding"] ?? body["involvedObject"] ?? .null
        namespace = json.namespaceText ?? regarding["namespace"]?.string ?? ""
    }

    func isAbout(_ kind: KindInfo, _ name: String) -> Bool {
        regarding["name"]?.string == name && regarding["kind"]?.string.flatMap(KindInfo.named) == kind
    }

    /// Whether it is about this very object, and not about an earlier one of the same name.
    func isAbout(_ kind: KindInfo, _ object: JSON) -> Bool {
        guard isAbout(kind, object.nameText ?? "") else { return false }
        guard let uid = regarding["uid"]?.string, let own = object.uidText else { return true }
        return uid == own
    }

    /// In the order of what happened.
    static func happenedBefore(_ left: EventText, _ right: EventText) -> Bool {
        (left.revision, left.lastSeen) < (right.revision, right.lastSeen)
    }

    /// `virtualmachine/web`.
    var subject: String {
        let kind = regarding["kind"]?.string ?? "object"
        return "\(kind.lowercased())/\(regarding["name"]?.string ?? "")"
    }

    /// `5m` or `5m (x12 over 3h)`.
    func age(now: WallTime) -> String {
        let last = AgeText.since(rfc3339: lastSeen, now: now)
        return count > 1 ? "\(last) (x\(count) over \(AgeText.since(rfc3339: firstSeen, now: now)))" : last
    }

    func row(now: WallTime) -> [String] { [age(now: now), type, reason, subject, message] }
}
