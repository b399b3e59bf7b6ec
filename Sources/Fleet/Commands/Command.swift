public import Manifest
public import Primitives

/// One command as it stands in a log entry: what to do, its author, and when the leader took it.
public struct CommandEnvelope: Equatable, Sendable {
    /// The leader's wall clock when it proposed the command; a label, see ``Fleet/time``.
    public var stamp: WallTime
    /// The authenticated key of the caller, or nil for what the leader decides by itself.
    public var author: PublicKey?
    public var command: Command

    public init(stamp: WallTime, author: PublicKey?, command: Command) {
        self.stamp = stamp
        self.author = author
        self.command = command
    }
}

/// What one log entry asks of the fleet.
public enum Command: Equatable, Sendable {
    /// Creates the cluster; the first command of every log.
    case bootstrap(Bootstrap)
    /// Desired state, as one unit: all of it or none of it.
    case write(WriteCommand)
    /// Where machines shall run, decided by the leader.
    case place(PlacementBatch)
    /// What one node saw on itself.
    case report(NodeReport)
    /// Lets as many newcomers join as the ticket has uses.
    case createTicket(TicketGrant)
    /// A newcomer; travels in the context of the membership change that adds it as a learner.
    case join(Join)
    /// Makes a learner a voter; travels in the context of the membership change that does so.
    case promote(id: UInt64)
    /// Removes a member, also one that answers if that is insisted on; travels in the context of the membership change
    /// that does so.
    case remove(id: UInt64, isForced: Bool)
    /// A member's new addresses, and the highest level that its program understands.
    case updateMember(id: UInt64, addresses: [String], level: UInt32)
    /// Gives a user's key a role, in place of the one it had.
    case grant(key: PublicKey, name: String, role: AccessRole)
    /// Takes a user's role away.
    case revoke(key: PublicKey)
    /// Raises the level of the log by one.
    case raiseLevel(UInt32)
    /// Has values of Secrets sealed by another key from now on, which every member keeps already.
    case adoptSecretsKey(SecretsKey)
    /// Puts specs of Secrets that were sealed anew in the place of the old ones.
    case reseal([ResealedSpec])
    /// Records that the author is shown the values of a Secret.
    case reveal(ObjectKey, UID)
    /// What the leader found of one Git repository that the cluster follows.
    case sourceReport(SourceReport)
}
