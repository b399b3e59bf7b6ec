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
