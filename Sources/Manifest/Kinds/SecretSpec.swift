public import JSONText
import Primitives

/// What a Secret holds: values that are sealed, and, in a document that was just read, values that are not yet.
public struct SecretSpec: Hashable, Sendable {
    /// Values in the clear, by their keys; never recorded.
    public var data: [String: [UInt8]]
    public var sealed: [String: SealedValue]

    public init(data: [String: [UInt8]] = [:], sealed: [String: SealedValue] = [:]) {
        self.data = data
        self.sealed = sealed
    }
}

extension SecretSpec: SpecView {
    public static var kind: KindInfo { .secret }

    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "spec"))
        self.init()
        for member in try fields.value("data")?.object ?? [:] {
            guard let bytes = member.value.string.flatMap({ Base64.decode($0) }) else {
                throw NotUnderstood(
                    path: JSONPath(keys: "spec", "data", member.key),
                    problem: .unexpected(found: "something else", allowed: ValueFormat.base64.rule))
            }
            data[member.key] = bytes
        }
        for member in try fields.value("sealed")?.object ?? [:] {
            guard let value = member.value.string.flatMap({ SealedValue($0) }) else {
                throw NotUnderstood(
                    path: JSONPath(keys: "spec", "sealed", member.key),
                    problem: .unexpected(found: "something else", allowed: ValueFormat.sealedValue.rule))
            }
            sealed[member.key] = value
        }
        try fields.finish()
    }

    public var json: JSON {
        var json: JSON = [:]
        if !data.isEmpty { json["data"] = .strings(data.mapValues { Base64.encode($0) }) }
        if !sealed.isEmpty { json["sealed"] = .strings(sealed.mapValues(\.text)) }
        return json
    }
}

extension SecretSpec {
    /// The most bytes of all values of a Secret together.
    public static let largestBytes = 1 << 20

    /// What a valid document of a Secret holds: `stringData` counts as `data`, and before it.
    init(document: JSON) {
        self.init()
        for member in document["data"]?.object ?? [:] {
            data[member.key] = member.value.string.flatMap { Base64.decode($0) }
        }
        for member in document["stringData"]?.object ?? [:] {
            data[member.key] = member.value.string.map { Array($0.utf8) }
        }
        for member in document["spec"]?["sealed"]?.object ?? [:] {
            sealed[member.key] = member.value.string.flatMap { SealedValue($0) }
        }
    }

    /// The values that differ, without any of them.
    ///
    /// - Parameters:
    ///   - old: As the cluster keeps it.
    ///   - new: The same, sealed by the key that seals now: equal values are sealed alike.
    public static func changes(from old: SecretSpec, to new: SecretSpec) -> [FieldChange] {
        Set(old.sealed.keys).union(new.sealed.keys).sorted().compactMap { key in
            let (before, after) = (old.sealed[key], new.sealed[key])
            guard before != after else { return nil }
            return FieldChange(
                path: JSONPath(keys: "data", key), old: before.map { _ in "(sealed)" },
                new: after.map { _ in before == nil ? "(sealed)" : "(sealed, changed)" }, update: .live)
        }
    }
}

extension Violation {
    /// What is wrong with a Secret beyond what a schema can say.
    ///
    /// - Parameter document: Valid by the schema.
    static func relations(ofSecret document: JSON) -> [Violation] {
        let secret = SecretSpec(document: document)
        guard !secret.data.isEmpty || !secret.sealed.isEmpty else {
            return [
                Violation(
                    path: JSONPath(keys: "data"), reason: .required,
                    detail: "Required value: a Secret must have at least one value, in data or stringData")
            ]
        }
        let both = Set(secret.data.keys).intersection(secret.sealed.keys).sorted()
        var violations = both.map { key in
            Violation.forbidden(
                JSONPath(keys: "spec", "sealed", key), "the key has a value in data or stringData as well")
        }
        let bytes =
            secret.data.values.reduce(0) { $0 + $1.count } + secret.sealed.values.reduce(0) { $0 + $1.valueCount }
        if bytes > SecretSpec.largestBytes {
            violations.append(
                Violation(
                    path: JSONPath(keys: "data"), reason: .tooLong,
                    detail: "Too long: the values have \(bytes) bytes: may not be more than \(SecretSpec.largestBytes)")
            )
        }
        return violations
    }

    /// The same without the value that it shows, if that may be one that no message may hold.
    var withoutSecret: Violation {
        guard let first = path.steps.first, [.key("data"), .key("stringData")].contains(first) else { return self }
        // What is wrong with a key shows the key.
        if path.steps.count > 1, case .key(let key) = path.steps[1], !NameRules.isSecretKey(key) { return self }
        let detail =
            switch reason {
            case .typeInvalid:
                path.steps.count == 1
                    ? "Invalid value: must be an object of strings (the value is not shown)"
                    : "Invalid value: must be a string (the value is not shown)"
            case .invalid: "Invalid value: \(ValueFormat.base64.rule) (the value is not shown)"
            default: self.detail
            }
        return Violation(path: path, reason: reason, detail: detail)
    }
}
