package import Fleet
package import Primitives
package import Raft

// What a check of a node's promises looks at, and no shell needs.
extension Replica {
    /// The membership that consensus acts on.
    package var confState: ConfState { consensus.raft.confState }

    /// Whether a leader's snapshot has been taken by consensus, and not by the state machine yet.
    package var awaitsSnapshot: Bool { !snapshots.received.isEmpty }

    /// The term of an entry of this node's log, durable or not; nil if it is compacted or not there.
    package func logTerm(at index: LogIndex) -> Term? { consensus.raft.logTerm(at: index) }

    /// The last entry of this node's log, durable or not.
    package var logEnd: LogPosition { consensus.raft.logEnd }

    /// The last entry that is cut from this node's log.
    package var compactedIndex: LogIndex { consensus.raft.storage.compacted.index }

    /// How far this node, leading, knows each member's log to be its own; empty on others.
    package var matchIndexes: [(node: NodeID, match: LogIndex)] { consensus.raft.matchIndexes }

    /// Whether the driver is at work on a machine of this node.
    package func isAtWork(on uid: UID) -> Bool { machines.machines[uid]?.work != nil }

    /// The batch of placements that this leader has under way, and the revision that it was decided from.
    package var placementInFlight: (request: RequestID, revision: UInt64?)? {
        duties?.placing.underWay
    }
}
