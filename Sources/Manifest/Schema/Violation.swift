import JSONText

/// One place at which a value breaks its schema.
struct Violation: Hashable, Sendable {
    let path: JSONPath
    let reason: ManifestError.Reason
    /// The body of kubectl's field errors.
    let detail: String

    static func required(_ path: JSONPath) -> Violation {
        Violation(path: path, reason: .required, detail: "Required value")
    }

    static func invalid(_ path: JSONPath, _ value: JSON, _ rule: String) -> Violation {
        Violation(path: path, reason: .invalid, detail: "Invalid value: \(shown(value)): \(rule)")
    }

    static func wrongType(_ path: JSONPath, _ value: JSON, _ wanted: String) -> Violation {
        let detail = "Invalid value: \(shown(value)): must be \(wanted), found \(value.typeDescription)"
        return Violation(path: path, reason: .typeInvalid, detail: detail)
    }

    static func duplicate(_ path: JSONPath, _ value: JSON) -> Violation {
        Violation(path: path, reason: .duplicate, detail: "Duplicate value: \(shown(value))")
    }

    static func forbidden(_ path: JSONPath, _ rule: String) -> Violation {
        Violation(path: path, reason: .forbidden, detail: "Forbidden: \(rule)")
    }

    /// A value as messages show it, cut where it gets long.
    static func shown(_ value: JSON) -> String {
        let text = String(decoding: value.canonicalBytes, as: UTF8.self)
        return text.count <= 80 ? text : text.prefix(77) + "..."
    }
}
