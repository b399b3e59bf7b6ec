import Contract
import Manifest
import Primitives

// How a `Status` is shown: what it says is harmless then, and of one line each.
extension APIStatus {
    /// As kubectl prints it.
    var text: String {
        switch (reason.word, key) {
        case ("Unauthorized", _): "error: You must be logged in to the server (\(headline))"
        case (Reason.invalid.word, let key?) where !causes.isEmpty: invalid(key)
        default: "Error from server (\(reason.word.harmless)): \(headline)" + others
        }
    }

    /// The first line of what the server says.
    var headline: String { lines.first ?? "" }

    private var lines: [String] { message.split(separator: "\n").map { String($0).harmless } }

    private func invalid(_ key: ObjectKey) -> String {
        let subject = "The \(key.kind.harmless) \"\(key.name.harmless)\" is invalid: "
        return causes.count == 1 ? subject + line(causes[0]) : subject + list(causes)
    }

    /// What the message says in further lines, else the causes, unless the message names them already.
    private var others: String {
        let details = lines.dropFirst()
        if !details.isEmpty { return details.map { "\n" + ($0.hasPrefix("* ") ? $0 : "  " + $0) }.joined() }
        let isSaid = causes.allSatisfy { headline.contains($0.message.harmless) }
        return list(causes.count > 1 && !isSaid ? causes : [])
    }

    private func list(_ causes: [Cause]) -> String {
        causes.map { "\n* " + line($0) }.joined()
    }

    private func line(_ cause: Cause) -> String {
        let field = (cause.field ?? "").harmless
        return field.isEmpty ? cause.message.harmless : "\(field): \(cause.message.harmless)"
    }
}
