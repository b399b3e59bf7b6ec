import Fleet
import JSONText
public import Manifest
public import Reconcile

/// What would become of one object of an apply.
public struct PlannedObject: Equatable, Sendable {
    public var key: ObjectKey
    /// `created`, `configured`, `unchanged` or ``refused``.
    public var operation: String
    /// Why it is refused.
    public var message: String?
    public var fields: [PlannedField]

    public init(key: ObjectKey, operation: String, message: String?, fields: [PlannedField]) {
        self.key = key
        self.operation = operation
        self.message = message
        self.fields = fields
    }

    /// The operation on an object for which the apply would be refused.
    public static let refused = "refused"
    /// The operation on an object that stays as it is.
    public static let unchanged = "unchanged"

    /// A change as a plan found it.
    public init(_ change: ObjectChange) {
        let fields = change.fields.map(PlannedField.init)
        switch change.outcome {
        case .done(let operation):
            self.init(key: change.key, operation: operation.word, message: nil, fields: fields)
        case .refused(let why):
            self.init(key: change.key, operation: Self.refused, message: why, fields: fields)
        }
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        key = try reader.objectKey()
        operation = try reader.text("operation")
        message = try reader.optionalText("message")
        fields = try reader.elements("fields", PlannedField.init(reader:))
    }

    var json: JSON {
        var json = key.members
        json["operation"] = .string(operation)
        json["message"] = message.map { .string($0) }
        json["fields"] = .array(fields.map(\.json))
        return json
    }
}
