public import JSONText

/// One thing that is wrong with one document.
public struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing, with the names of `causes[].reason` in an API `Status`.
    public enum Reason: String, Hashable, Sendable {
        /// The text is no JSON.
        case malformed = "MalformedDocument"
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case typeInvalid = "FieldValueTypeInvalid"
        case notSupported = "FieldValueNotSupported"
        case duplicate = "FieldValueDuplicate"
        case forbidden = "FieldValueForbidden"
        case unknownField = "UnknownField"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
    }

    /// The file, or whatever the source was called.
    public let source: String
    public let position: JSONPosition?
    /// The object as far as it is known: `VirtualMachine web`; nil if not even that.
    public let object: String?
    public let path: JSONPath
    public let reason: Reason
    /// The body of kubectl's field errors: `Invalid value: 0: must be greater than or equal to 1`.
    public let detail: String

    public init(
        source: String, position: JSONPosition?, object: String?, path: JSONPath, reason: Reason, detail: String
    ) {
        self.source = source
        self.position = position
        self.object = object
        self.path = path
        self.reason = reason
        self.detail = detail
    }

    /// `spec.vcpus: Invalid value: 0: ...`, without source and position.
    public var message: String {
        switch reason {
        case .unknownField, .malformed: detail
        default: path.steps.isEmpty ? detail : "\(path): \(detail)"
        }
    }

    /// `cluster.json:12:7: VirtualMachine web: spec.vcpus: Invalid value: 0: ...`.
    public var description: String {
        let place = source + (position.map { ":\($0)" } ?? "")
        return [place, object, message].compactMap(\.self).joined(separator: ": ")
    }
}

/// Everything that is wrong with a set of documents, in the order of the sources and of their text.
public struct ManifestErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// Never empty.
    public let errors: [ManifestError]
    /// Errors beyond those listed.
    public let omitted: Int

    public init(errors: [ManifestError], omitted: Int) {
        precondition(!errors.isEmpty, "a set of errors has at least one")
        self.errors = errors
        self.omitted = omitted
    }

    /// One error a line.
    public var description: String {
        errors.map(\.description).joined(separator: "\n") + (omitted > 0 ? "\nand \(omitted) more" : "")
    }
}
