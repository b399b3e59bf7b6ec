/// The way from a document's root to a value in it, printed as people write it: `spec.disks[0].size`.
public struct JSONPath: Hashable, Sendable, CustomStringConvertible {
    public enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    public var steps: [Step]

    public init(_ steps: [Step] = []) {
        self.steps = steps
    }

    /// A path of keys alone.
    public init(keys: String...) {
        steps = keys.map { .key($0) }
    }

    public static let root = JSONPath()

    public func appending(_ key: String) -> JSONPath { JSONPath(steps + [.key(key)]) }
    public func appending(_ index: Int) -> JSONPath { JSONPath(steps + [.index(index)]) }
    public static func + (left: JSONPath, right: JSONPath) -> JSONPath { JSONPath(left.steps + right.steps) }

    /// The keys alone: what the path says of a field's place in a schema.
    public var keys: [String] {
        steps.compactMap { if case .key(let key) = $0 { key } else { nil } }
    }

    /// Keys joined by dots, indexes in brackets, and keys with other signs than letters, digits, `_`, `-` and `$` in
    /// brackets and quotes: `metadata.labels["example.org/rack"]`. Empty for the root.
    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .key(let key) where !Self.isPlain(key):
                text += "[" + String(decoding: JSON.string(key).canonicalBytes, as: UTF8.self) + "]"
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            }
        }
        return text
    }

    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty
            && key.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"):
                    true
                default: false
                }
            }
    }
}
