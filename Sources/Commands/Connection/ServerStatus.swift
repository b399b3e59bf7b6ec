import JSONText
import Manifest
import Primitives

/// The `Status` object that the API answers with when it refuses. Its texts are harmless, and of one line each.
struct ServerStatus {
    let reason: String
    /// The first line of what the server says.
    let message: String
    /// The others, such as those of several refusals.
    private let details: [String]
    let kind: String?
    let name: String?
    let causes: [Cause]

    struct Cause {
        let field: String
        let message: String
    }

    init(_ json: JSON, code: Int) {
        reason = (json["reason"]?.string ?? "Unknown").harmless
        let lines = (json["message"]?.string ?? "the server answered with the code \(code) and no reason")
            .split(separator: "\n").map { String($0).harmless }
        message = lines.first ?? ""
        details = Array(lines.dropFirst())
        kind = json["details"]?["kind"]?.string.map(\.harmless)
        name = json["details"]?["name"]?.string.map(\.harmless)
        causes = (json["details"]?["causes"]?.array ?? []).map {
            Cause(field: ($0["field"]?.string ?? "").harmless, message: ($0["message"]?.string ?? "").harmless)
        }
    }

    /// As kubectl prints it.
    var text: String {
        switch reason {
        case "Unauthorized": "error: You must be logged in to the server (\(message))"
        case "Invalid" where kind != nil && name != nil && !causes.isEmpty: invalid
        default: "Error from server (\(reason)): \(message)" + others
        }
    }

    private var invalid: String {
        // Details name the plural; people know the kind.
        let shown = kind.flatMap { KindInfo.named($0)?.kind } ?? kind ?? ""
        let subject = "The \(shown) \"\(name ?? "")\" is invalid: "
        return causes.count == 1 ? subject + line(causes[0]) : subject + list(causes)
    }

    /// What the message says in further lines, else the causes, unless the message names them already.
    private var others: String {
        if !details.isEmpty { return details.map { "\n" + ($0.hasPrefix("* ") ? $0 : "  " + $0) }.joined() }
        let isSaid = causes.allSatisfy { message.contains($0.message) }
        return list(causes.count > 1 && !isSaid ? causes : [])
    }

    private func list(_ causes: [Cause]) -> String {
        causes.map { "\n* " + line($0) }.joined()
    }

    private func line(_ cause: Cause) -> String {
        cause.field.isEmpty ? cause.message : "\(cause.field): \(cause.message)"
    }
}
