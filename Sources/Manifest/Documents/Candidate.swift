import JSONText

/// A value that should be a document, and where it stands.
struct Candidate {
    let value: JSON
    let sourceName: String
    let locator: Locator

    enum Locator {
        case nowhere
        /// The byte of a text at which the value begins.
        case text(TextSource, start: Int)
        /// A lookup for a whole source, and the way from its root to the value.
        case lookup(@Sendable (JSONPath) -> JSONPosition?, prefix: JSONPath)
    }

    /// A text that positions are asked of.
    final class TextSource {
        let bytes: [UInt8]
        private(set) lazy var lines = JSONLines(bytes)

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }
    }

    /// Where the value itself begins.
    var position: JSONPosition? { position(of: .root, atKey: false) }

    /// `file:line:column`, as far as it is known.
    var place: String { sourceName + (position.map { ":\($0)" } ?? "") }

    /// Where a violation is to be seen: at the key of a field that should not be there, else at the value; at what
    /// would hold it where there is nothing.
    func position(of violation: Violation) -> JSONPosition? {
        position(of: violation.path, atKey: violation.reason == .unknownField)
    }

    /// Where the value at a path begins, or the key before it; where it is not there, what would hold it.
    func position(of path: JSONPath, atKey: Bool) -> JSONPosition? {
        var path = path
        while true {
            switch locator {
            case .nowhere: return nil
            case .text(let text, let start):
                if let found = JSONPositions.offsets(of: path, in: text.bytes, from: start) {
                    return text.lines.position(ofByte: atKey ? found.key ?? found.value : found.value)
                }
            case .lookup(let lookup, let prefix):
                if let found = lookup(prefix + path) { return found }
            }
            guard path.steps.popLast() != nil else { return nil }
        }
    }
}
