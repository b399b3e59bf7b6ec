import JSONText
import Manifest

/// The `Status` object that the API answers with when it refuses.
struct ServerStatus {
    let reason: String
    let message: String
    let kind: String?
    let name: String?
    let causes: [Cause]

    struct Cause {
        let field: String
        let message: String
    }

    init(_ json: JSON, code: Int) {
        reason = json["reason"]?.string ?? "Unknown"
        message = json["message"]?.string ?? "the server answered with the code \(code) and no reason"
        kind = json["details"]?["kind"]?.string
        name = json["details"]?["name"]?.string
        causes = (json["details"]?["causes"]?.array ?? []).map {
            Cause(field: $0["field"]?.string ?? "", message: $0["message"]?.string ?? "")
        }
    }

    /// As kubectl prints it.
    var text: String {
        switch reason {
        case "Unauthorized": "error: You must be logged in to the server (\(message))"
        case "Invalid" where kind != nil && name != nil && !causes.isEmpty: invalid
        default: "Error from server (\(reason)): \(message)" + list(causes.count > 1 ? causes : [])
        }
    }

    private var invalid: String {
        // Details name the plural; people know the kind.
        let shown = kind.flatMap { KindInfo.named($0)?.kind } ?? kind ?? ""
        let subject = "The \(shown) \"\(name ?? "")\" is invalid: "
        return causes.count == 1 ? subject + line(causes[0]) : subject + list(causes)
    }

    private func list(_ causes: [Cause]) -> String {
        causes.map { "\n* " + line($0) }.joined()
    }

    private func line(_ cause: Cause) -> String {
        cause.field.isEmpty ? cause.message : "\(cause.field): \(cause.message)"
    }
}
