import Primitives
import Reconcile

extension SourceFailure {
    /// What a message may have at most, in bytes.
    static let messageBytes = 1024

    static func fetchFailed(_ message: String) -> SourceFailure {
        SourceFailure(reason: .fetchFailed, commit: nil, message: bounded(message))
    }

    static func badCommit(_ commit: String, _ message: String) -> SourceFailure {
        SourceFailure(reason: .badCommit, commit: commit, message: bounded(message))
    }

    /// The messages one after the other, as many as there is room for, and the number of the others.
    static func joined(_ messages: [String], omitted: Int = 0) -> String {
        var text = ""
        for (index, message) in messages.enumerated() {
            let next = text + (text.isEmpty ? "" : "; ") + message.harmless
            let rest = messages.count - index - 1 + omitted
            // Room is left for what says how many more there are.
            guard next.utf8.count <= messageBytes - 40 || index == 0 && rest == 0 else {
                return text.isEmpty
                    ? cut(next, bytes: messageBytes - 40) + "; and \(rest) more" : text + "; and \(rest + 1) more"
            }
            text = next
        }
        return omitted > 0 ? text + "; and \(omitted) more" : text
    }

    private static func bounded(_ message: String) -> String { cut(message.harmless, bytes: messageBytes) }

    private static func cut(_ text: String, bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var scalars = String.UnicodeScalarView()
        var count = 3
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            guard count <= bytes else { break }
            scalars.append(scalar)
        }
        return String(scalars) + "..."
    }
}
