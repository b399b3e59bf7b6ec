/// Where something stands in a text.
public struct JSONPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// From 1; lines end with a line feed.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// From 0, in bytes.
    public let offset: Int

    public init(line: Int, column: Int, offset: Int) {
        self.line = line
        self.column = column
        self.offset = offset
    }

    public static func < (left: JSONPosition, right: JSONPosition) -> Bool { left.offset < right.offset }

    /// `line:column`.
    public var description: String { "\(line):\(column)" }
}

/// Why a text is no JSON document, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// Something stands where the grammar has no place for it, or the text ends too early.
        case unexpected
        case duplicateKey(String)
        /// Deeper than `Limits.jsonDepth`.
        case tooDeep
        /// A byte that begins no UTF-8 sequence, or a broken sequence.
        case invalidUTF8
        /// A `\u` escape of half a surrogate pair.
        case loneSurrogate
        /// A number whose exponent has more than eight digits.
        case exponentOutOfRange
    }

    public let reason: Reason
    public let position: JSONPosition
    /// What stands there: `'}'`, `end of text`, `key "a"`.
    public let found: String
    /// What may stand there: `a value`, `',' or ']'`.
    public let allowed: String
    /// The value or member in which it happened.
    public let path: JSONPath

    public init(reason: Reason, position: JSONPosition, found: String, allowed: String, path: JSONPath) {
        self.reason = reason
        self.position = position
        self.found = found
        self.allowed = allowed
        self.path = path
    }

    /// What went wrong, without the position.
    public var message: String {
        switch reason {
        case .duplicateKey(let key):
            "duplicate key \"\(key)\"" + (path.steps.isEmpty ? "" : " (\(path))") + ": \(allowed)"
        default: "found \(found)" + (path.steps.isEmpty ? "" : " in \(path)") + ": expected \(allowed)"
        }
    }

    /// `line:column: message`.
    public var description: String { "\(position): \(message)" }
}
