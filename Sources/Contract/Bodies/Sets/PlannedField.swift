public import JSONText
public import Manifest

/// One field that an apply would change.
public struct PlannedField: Equatable, Sendable {
    /// From `spec` or `metadata` on.
    public var path: String
    /// Null where the field had neither a value nor a default.
    public var old: JSON
    /// Null where the field has neither a value nor a default.
    public var new: JSON
    /// What the change asks of a running machine: the word of an `UpdateClass`, or of one that a newer server knows.
    public var update: String

    public init(path: String, old: JSON, new: JSON, update: String) {
        self.path = path
        self.old = old
        self.new = new
        self.update = update
    }

    public init(_ change: FieldChange) {
        self.init(
            path: change.path.description, old: change.old ?? .null, new: change.new ?? .null,
            update: change.update.rawValue)
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        self.init(
            path: try reader.text("path"), old: reader.value("old") ?? .null, new: reader.value("new") ?? .null,
            update: try reader.text("update"))
    }

    var json: JSON {
        ["path": .string(path), "old": old, "new": new, "update": .string(update)]
    }
}
