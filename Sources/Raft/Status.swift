/// What a node knows about itself and, if it leads, about the others.
public struct Status: Hashable, Sendable {
    /// A leader's view of one member.
    public struct Peer: Hashable, Sendable {
        public var id: NodeID
        public var progress: Progress
    }

    public var id: NodeID
    public var hardState: HardState
    public var softState: SoftState
    public var applied: LogIndex
    public var lastIndex: LogIndex
    public var confState: ConfState
    /// The member that leadership is being handed to.
    public var leadTransferee: NodeID?
    /// Every member in ascending order; empty unless this node leads.
    public var peers: [Peer]
}

extension RaftNode {
    /// A leader's view of one member; nil for others, and unless this node leads.
    public func progress(of member: NodeID) -> Progress? {
        guard isLeader, let position = progress.position(of: member) else { return nil }
        return progress[at: position]
    }

    public var status: Status {
        Status(
            id: id, hardState: hardState, softState: softState, applied: log.applied, lastIndex: log.lastIndex,
            confState: confState, leadTransferee: leadTransferee,
            peers: isLeader ? zip(progress.ids, progress.values).map { Status.Peer(id: $0, progress: $1) } : [])
    }
}

// What a checker of a node's promises may look at, and no shell needs.
extension RaftNode {
    /// The term of an entry, stored or not; nil if it is compacted or not there.
    package func logTerm(at index: LogIndex) -> Term? { log.term(at: index) }

    /// The last entry, stored or not.
    package var logEnd: LogPosition { log.lastPosition }

    /// How far a leader knows each member's log to be its own; empty on others.
    package var matchIndexes: [(node: NodeID, match: LogIndex)] {
        guard isLeader else { return [] }
        return zip(progress.ids, progress.values).map { ($0, $1.match) }
    }
}
