/// The number of one member of a cluster, for its whole life.
///
/// A number is never used again for another member. Zero is no member: where there may be none, the type is
/// `NodeID?`.
public struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    /// - Parameter rawValue: At least 1.
    public init(_ rawValue: UInt64) {
        precondition(rawValue != 0, "node id 0 means no node")
        self.rawValue = rawValue
    }

    /// The local writer of the log: work for it never leaves the node.
    public static let appendThread = NodeID(.max)
    /// The local applier of committed entries: work for it never leaves the node.
    public static let applyThread = NodeID(.max - 1)

    /// Whether this is one of the two local workers, not a member.
    public var isLocalThread: Bool { rawValue >= NodeID.applyThread.rawValue }

    public static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }

    public var description: String { String(rawValue) }
}
