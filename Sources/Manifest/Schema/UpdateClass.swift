public import JSONText

/// What a change of a field asks of a running machine.
public enum UpdateClass: String, Hashable, Comparable, Sendable, CaseIterable {
    /// It takes effect while the machine runs.
    case live
    /// It takes effect when the machine is started again.
    case restart
    /// Process and run-time files are made anew.
    case recreate

    /// By how much it disturbs.
    public static func < (left: UpdateClass, right: UpdateClass) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .live: 0
        case .restart: 1
        case .recreate: 2
        }
    }
}

/// One field that differs between two states of an object.
public struct FieldChange: Hashable, Sendable, CustomStringConvertible {
    /// From `spec` or `metadata` on.
    public let path: JSONPath
    /// Nil where the field had neither a value nor a default.
    public let old: JSON?
    /// Nil where the field has neither a value nor a default.
    public let new: JSON?
    public let update: UpdateClass

    public init(path: JSONPath, old: JSON?, new: JSON?, update: UpdateClass) {
        self.path = path
        self.old = old
        self.new = new
        self.update = update
    }

    /// `spec.vcpus: 1 -> 2 (restart)`.
    public var description: String {
        func text(_ value: JSON?) -> String {
            value.map { String(decoding: $0.canonicalBytes, as: UTF8.self) } ?? "<none>"
        }
        return "\(path): \(text(old)) -> \(text(new)) (\(update.rawValue))"
    }
}
