/// Why a call had no effect.
public enum RaftError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The proposal was not appended; try again later, or at the leader.
    case proposalDropped
    /// A message that only the node itself may produce came from outside.
    case localMessage(Message.Kind)
    /// A response came from a node that is not a member.
    case unknownPeer(NodeID)
    /// A message that no correct node sends; it was not acted upon.
    case inconsistentMessage(Message.Kind, from: NodeID, why: String)
    /// The entries asked for are no longer there.
    case compacted(LogIndex)
    /// The entries asked for are not there yet.
    case unavailable(LogIndex)
    /// The storage's snapshot is newer than the one given.
    case snapshotOutOfDate(given: LogIndex, stored: LogIndex)
    /// A membership change that the current membership does not allow.
    case invalidMembership(MembershipError)
    /// An entry or a proposal whose data can't be read as a membership change.
    case malformedConfChange(String)

    public var description: String {
        switch self {
        case .proposalDropped: "raft proposal dropped"
        case .localMessage(let kind): "a \(kind) message is local to a node and can't come from another"
        case .unknownPeer(let id): "node \(id) is no member, so its response is not taken"
        case .inconsistentMessage(let kind, let from, let why):
            "a \(kind) message of node \(from) makes no sense: \(why)"
        case .compacted(let index): "the log at index \(index) is compacted"
        case .unavailable(let index): "the log does not reach to index \(index)"
        case .snapshotOutOfDate(let given, let stored):
            "a snapshot of index \(given) can't replace the one of index \(stored)"
        case .invalidMembership(let error): error.description
        case .malformedConfChange(let why): "unreadable membership change: \(why)"
        }
    }
}

/// Why a membership can't be changed that way.
public enum MembershipError: Error, Hashable, Sendable, CustomStringConvertible {
    case notJoint
    case alreadyJoint
    case jointWithoutVoters
    case simpleChangeWhileJoint
    case severalVotersChanged
    case noVotersLeft

    public var description: String {
        switch self {
        case .notJoint: "can't leave a non-joint config"
        case .alreadyJoint: "config is already joint"
        case .jointWithoutVoters: "can't make a zero-voter config joint"
        case .simpleChangeWhileJoint: "can't apply simple config change in joint config"
        case .severalVotersChanged: "more than one voter changed without entering joint config"
        case .noVotersLeft: "removed all voters"
        }
    }
}
