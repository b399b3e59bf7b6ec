public import Primitives

/// One command as it stands in a log entry: what to do, by whom, and when the leader took it.
public struct CommandEnvelope: Equatable, Sendable {
    /// The leader's wall clock when it proposed the command; a label, see ``Fleet/time``.
    public var stamp: WallTime
    /// The authenticated key of whoever asked, or nil for what the leader decides by itself.
    public var author: PublicKey?
    public var command: Command

    public init(stamp: WallTime, author: PublicKey?, command: Command) {
        self.stamp = stamp
        self.author = author
        self.command = command
    }
}
