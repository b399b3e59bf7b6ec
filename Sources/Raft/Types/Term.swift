/// A leader's reign: terms only grow, and each has at most one leader (Raft, section 5.1).
public struct Term: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Before the first election. In a message: the message is local or carries no term.
    public static let zero = Term(0)

    public var next: Term { Term(rawValue + 1) }

    public static func < (left: Term, right: Term) -> Bool { left.rawValue < right.rawValue }

    public var description: String { String(rawValue) }
}
