import JSONText
import Manifest
import Primitives

/// What `validate` found, for people and for programs.
struct ValidationReport {
    private let checked: ManifestInspection
    private let isStrict: Bool

    init(_ checked: ManifestInspection, isStrict: Bool) {
        self.checked = checked
        self.isStrict = isStrict
    }

    var isValid: Bool { checked.errors.isEmpty && (!isStrict || checked.warnings.isEmpty) }

    /// What ends the command where people read its output; nil if all is valid.
    var failure: CommandFailure? {
        if isValid { return nil }
        guard checked.errors.isEmpty else { return CommandFailure(text: ManifestLoading.text(of: checked)) }
        return CommandFailure(text: ManifestLoading.text(of: checked.warnings, omitted: checked.omittedWarnings))
    }

    /// Each on one line.
    var warningLines: [String] {
        checked.warnings.map { "warning: \($0)" }
            + (checked.omittedWarnings > 0 ? ["and \(checked.omittedWarnings) more"] : [])
    }

    /// Members are added in later versions, and none is taken away or gets another meaning.
    var json: JSON {
        var objects: [String: Int64] = [:]
        for document in checked.documents { objects[document.key.kind, default: 0] += 1 }
        return [
            "valid": .bool(isValid),
            "objects": .object(
                JSONObject(
                    uniqueMembers: objects.sorted { $0.key < $1.key }.map {
                        JSONObject.Member(key: $0.key, value: .integer($0.value))
                    })),
            "errors": .array(checked.errors.map(\.reportJSON)),
            "omittedErrors": .integer(Int64(checked.omitted)),
            "warnings": .array(checked.warnings.map(\.reportJSON)),
            "omittedWarnings": .integer(Int64(checked.omittedWarnings)),
        ]
    }
}

extension ManifestError {
    fileprivate var reportJSON: JSON {
        .finding(
            source: source, position: position, object: object, path: path, reason: reason.rawValue, message: message)
    }
}

extension ManifestWarning {
    fileprivate var reportJSON: JSON {
        .finding(
            source: source, position: position, object: object.description, path: path, reason: reason.rawValue,
            message: message)
    }
}

extension JSON {
    /// What is not known of the place is left away.
    fileprivate static func finding(
        source: String, position: JSONPosition?, object: String?, path: JSONPath, reason: String, message: String
    ) -> JSON {
        var json: JSON = ["source": .string(source)]
        if let position {
            json["line"] = .integer(Int64(position.line))
            json["column"] = .integer(Int64(position.column))
        }
        if let object { json["object"] = .string(object) }
        if !path.steps.isEmpty { json["field"] = .string(path.description) }
        json["reason"] = .string(reason)
        json["message"] = .string(message)
        return json
    }
}
