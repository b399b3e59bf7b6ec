import Primitives
import Reconcile

/// What git says about its failure, as one line that gives nothing away. Pure.
enum GitMessage {
    /// Lines that say nothing about the cause.
    private static let idle = [
        "hint:", "Please make sure you have the correct access rights", "and the repository exists.",
        "Warning: Permanently",
        "error: RPC failed",
    ]

    /// - Parameter secrets: Texts that are never repeated, such as a password.
    static func line(_ errors: [UInt8], hiding secrets: [String]) -> String {
        let lines = String(decoding: errors, as: UTF8.self).split { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
            .map { withoutUsers(trimmed($0)) }
            .filter { line in !line.isEmpty && !idle.contains(where: line.hasPrefix) }
        var text = lines.joined(separator: "; ")
        for secret in secrets where !secret.isEmpty { text = replacing(secret, in: text) }
        return text.isEmpty ? "git says nothing about the cause" : text.harmless(limit: 600)
    }

    /// What a failed fetch means, where git's own words would not say what to do.
    static func explanation(_ line: String, of reference: SourceReference) -> String {
        if line.contains("couldn't find remote ref") { return "the repository has no \(reference.words)" }
        if line.contains("dubious ownership") {
            return "the repository belongs to another user than the one that the node runs as: change its owner, or "
                + "serve it by http, ssh or git"
        }
        if case .commit = reference, line.contains("not our ref") || line.contains("unadvertised object") {
            return "the server has no \(reference.words), or does not give it by its name: follow a branch or a tag"
        }
        return line
    }

    /// The text with the users and passwords of its URLs left out.
    static func withoutUsers(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let mark = rest.firstRange(of: "://") {
            result += rest[..<mark.upperBound]
            rest = rest[mark.upperBound...]
            let authority = rest.prefix { !"/ '\"\t".contains($0) }
            if let at = authority.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        }
        return result + rest
    }

    private static func replacing(_ secret: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: secret) {
            result += rest[..<found.lowerBound] + "***"
            rest = rest[found.upperBound...]
        }
        return result + rest
    }

    private static func trimmed(_ line: Substring) -> String {
        String(line.drop { $0 == " " || $0 == "\t" })
    }
}
