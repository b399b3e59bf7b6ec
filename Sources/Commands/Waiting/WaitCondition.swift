import JSONText
import Primitives

/// What `wait --for` waits for.
enum WaitCondition: Equatable {
    case condition(type: String, status: String)
    case deleted
    case created
    /// A nil value is met by any value at the path.
    case value(PathExpression, text: String, equals: String?)
    /// A machine is in this phase.
    case phase(String)

    init(_ text: String) throws {
        switch text.lowercased() {
        case "delete": self = .deleted
        case "create": self = .created
        default:
            if text.lowercased().hasPrefix("condition=") {
                let parts = text.dropFirst("condition=".count).split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard !parts[0].isEmpty else {
                    throw CommandFailure.error(
                        "--for=\(text) names no condition: write condition=TYPE or condition=TYPE=STATUS")
                }
                self = .condition(type: String(parts[0]), status: parts.count == 2 ? String(parts[1]) : "True")
            } else if text.lowercased().hasPrefix("jsonpath=") {
                self = try Self.path(String(text.dropFirst("jsonpath=".count)))
            } else {
                throw CommandFailure.error(
                    "unrecognized condition: \"\(text)\"; it may be condition=TYPE[=STATUS], delete, create or "
                        + "jsonpath='{PATH}'[=VALUE]")
            }
        }
    }

    /// `{.status.phase}=Running`: the value begins behind the braces.
    private static func path(_ text: String) throws -> WaitCondition {
        var text = text
        // A shell that did not eat the quotes leaves them around the path.
        if text.hasPrefix("'"), let end = text.dropFirst().firstIndex(of: "'") {
            text = String(text[text.index(after: text.startIndex)..<end]) + text[text.index(after: end)...]
        }
        guard let brace = text.lastIndex(of: "}"), text.hasPrefix("{") else {
            throw CommandFailure.error(
                "--for=jsonpath=\(text) has no path in braces: write jsonpath='{.status.phase}'=Running")
        }
        let path = String(text[...brace])
        let rest = text[text.index(after: brace)...]
        guard rest.isEmpty || rest.hasPrefix("=") else {
            throw CommandFailure.error("--for=jsonpath=\(text): \"\(rest)\" behind the path must begin with =")
        }
        return .value(try PathExpression(path), text: path, equals: rest.isEmpty ? nil : String(rest.dropFirst()))
    }

    /// Why an object does not meet this yet, as judged by its newest generation; nil if it does.
    ///
    /// - Parameter object: Nil if it is not there.
    func missing(in object: JSON?) -> String? { missing(in: object, generation: object?.generation ?? 0) }

    /// Why an object does not meet this yet; nil if it does.
    ///
    /// - Parameters:
    ///   - object: Nil if it is not there.
    ///   - generation: Conditions and phases count that were judged by this one or a later one.
    func missing(in object: JSON?, generation: Int64) -> String? {
        switch self {
        case .deleted: return object == nil ? nil : "it is still there"
        case .created: return object == nil ? "it is not there" : nil
        case .condition(let type, let status):
            guard let object else { return "it is not there" }
            guard let condition = object.condition(type) else { return "it has no condition \(type) yet" }
            let observed = condition["observedGeneration"]?.integer ?? object.observedGeneration ?? generation
            guard observed >= generation else {
                return "\(type) was judged by generation \(observed), not yet by \(generation)"
            }
            let found = condition["status"]?.string ?? "Unknown"
            if found.lowercased() == status.lowercased() { return nil }
            return "\(type) is \(found): \(ObjectProgress.reason(of: condition))"
        case .value(let path, let text, let expected):
            guard let object else { return "it is not there" }
            let values = path.values(in: object).map(PathExpression.text)
            guard let first = values.first else { return "\(text) has no value yet" }
            guard let expected, !values.containsBytes(of: expected) else { return nil }
            return "\(text) is \(first)"
        case .phase(let phase):
            guard let object else { return "it is not there" }
            guard (object.observedGeneration ?? 0) >= generation else { return object.generationGap(generation) }
            let found = object["status"]?["phase"]?.string ?? "Pending"
            guard found != phase else { return nil }
            let message = object["status"]?["message"]?.string ?? ""
            return "it is \(found)" + (message.isEmpty ? "" : ": \(message)")
        }
    }
}
