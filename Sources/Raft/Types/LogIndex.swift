/// A position in the log: the first entry has index 1, and zero stands for "before the first".
public struct LogIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Before the first entry.
    public static let zero = LogIndex(0)

    @inlinable public var next: LogIndex { LogIndex(rawValue + 1) }
    /// The index before this one; a programmer error for zero.
    @inlinable public var previous: LogIndex { LogIndex(rawValue - 1) }

    @inlinable
    public static func < (left: LogIndex, right: LogIndex) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    public static func + (left: LogIndex, right: Int) -> LogIndex {
        LogIndex(right >= 0 ? left.rawValue + UInt64(right) : left.rawValue - UInt64(-right))
    }

    @inlinable
    public static func - (left: LogIndex, right: Int) -> LogIndex { left + (-right) }

    /// How many entries lie in `right..<left`.
    @inlinable
    public static func - (left: LogIndex, right: LogIndex) -> Int {
        Int(Int64(bitPattern: left.rawValue &- right.rawValue))
    }

    public var description: String { String(rawValue) }
}
