public import JSONText
import Primitives

/// What an apply says of the set whose members its documents are.
public struct SetRequest: Equatable, Sendable {
    /// Nil where a ManifestSet among the documents names it.
    public var name: String?
    /// In place of what the set says, for this apply.
    public var prune: Bool?
    /// In place of what the set says, for this apply; 0 to 100.
    public var maxPrunePercent: Int?
    /// Whether a set without any member is meant.
    public var allowsEmpty: Bool
    /// Whether members of other sets are taken over.
    public var adopts: Bool
    /// The set must be at this revision; 0 demands that it has none.
    public var ifRevision: UInt64?
    public var message: String
    /// The Git commit that the documents are from.
    public var commit: String

    public init(
        name: String? = nil, prune: Bool? = nil, maxPrunePercent: Int? = nil, allowsEmpty: Bool = false,
        adopts: Bool = false, ifRevision: UInt64? = nil, message: String = "", commit: String = ""
    ) {
        self.name = name
        self.prune = prune
        self.maxPrunePercent = maxPrunePercent
        self.allowsEmpty = allowsEmpty
        self.adopts = adopts
        self.ifRevision = ifRevision
        self.message = message
        self.commit = commit
    }

    /// - Throws: 400 for a member that is wrong or not known, an empty name, or a number that is out of its bounds.
    public init(json: JSON) throws(APIStatus) {
        try json.refuseMembers(
            besides: [
                "name", "prune", "maxPrunePercent", "allowEmpty", "adopt", "ifRevision", "message", "commit",
            ])
        name = try json.text("name")
        guard name != "" else { throw APIStatus(.badRequest, "set.name: must not be empty") }
        prune = try json.optionalFlag("prune")
        if let percent = try json.counter("maxPrunePercent") {
            guard percent <= 100 else {
                throw APIStatus(.badRequest, "set.maxPrunePercent: \(percent) is no share: give 0 to 100")
            }
            maxPrunePercent = Int(percent)
        }
        allowsEmpty = try json.flag("allowEmpty")
        adopts = try json.flag("adopt")
        ifRevision = try json.counter("ifRevision")
        message = try Self.bounded(json.text("message"), "message", Limits.setMessageBytes)
        commit = try Self.bounded(json.text("commit"), "commit", Limits.setCommitBytes)
    }

    private static func bounded(_ text: String?, _ name: String, _ limit: Int) throws(APIStatus) -> String {
        let text = text ?? ""
        guard text.utf8.count <= limit else {
            throw APIStatus(
                .badRequest, "set.\(name): has \(text.utf8.count) bytes, and may have \(limit)")
        }
        return text
    }

    public var json: JSON {
        var json: JSON = [:]
        json["name"] = name.map { .string($0) }
        json["prune"] = prune.map { .bool($0) }
        json["maxPrunePercent"] = maxPrunePercent.map { .integer(Int64($0)) }
        if allowsEmpty { json["allowEmpty"] = true }
        if adopts { json["adopt"] = true }
        json["ifRevision"] = ifRevision.map { .string(String($0)) }
        if !message.isEmpty { json["message"] = .string(message) }
        if !commit.isEmpty { json["commit"] = .string(commit) }
        return json
    }
}
