import Fleet
import JSONText
public import Manifest
public import Reconcile

/// What would become of one object of an apply.
public struct PlannedObject: Equatable, Sendable {
    public var key: ObjectKey
    /// `created`, `configured`, `unchanged`, ``pruned``, ``released`` or ``refused``.
    public var operation: String
    /// Why it is refused.
    public var message: String?
    public var fields: [PlannedField]
    /// Whether it is a member of the set, and is not as the set's newest revision says.
    public var isDrifted: Bool

    public init(
        key: ObjectKey, operation: String, message: String?, fields: [PlannedField], isDrifted: Bool = false
    ) {
        self.isDrifted = isDrifted
        self.key = key
        self.operation = operation
        self.message = message
        self.fields = fields
    }

    /// The operation on an object for which the apply would be refused.
    public static let refused = "refused"
    /// The operation on an object that is deleted because its set no longer names it.
    public static let pruned = "pruned"
    /// The operation on an object that stays, as a member of no set.
    public static let released = "released"
    /// The operation on an object that stays as it is.
    public static let unchanged = "unchanged"

    /// A change as a plan found it.
    public init(_ change: ObjectChange) {
        let fields = change.fields.map(PlannedField.init)
        switch change.outcome {
        case .done(let operation):
            self.init(
                key: change.key, operation: operation.word, message: nil, fields: fields, isDrifted: change.isDrifted)
        case .pruned: self.init(key: change.key, operation: Self.pruned, message: nil, fields: fields)
        case .released: self.init(key: change.key, operation: Self.released, message: nil, fields: fields)
        case .refused(let why):
            self.init(key: change.key, operation: Self.refused, message: why, fields: fields)
        }
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        key = try reader.objectKey()
        operation = try reader.text("operation")
        message = try reader.optionalText("message")
        fields = try reader.elements("fields", PlannedField.init(reader:))
        isDrifted = try reader.flag("isDrifted")
    }

    var json: JSON {
        var json = key.members
        json["operation"] = .string(operation)
        json["message"] = message.map { .string($0) }
        json["fields"] = .array(fields.map(\.json))
        json["isDrifted"] = .bool(isDrifted)
        return json
    }
}
