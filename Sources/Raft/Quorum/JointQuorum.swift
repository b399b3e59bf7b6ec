/// Two sets of voters whose majorities must both agree (Raft, section 6); the outgoing one is empty unless a
/// membership change is under way.
package struct JointQuorum: Hashable, Sendable {
    package internal(set) var incoming: Majority
    package internal(set) var outgoing: Majority

    package init(incoming: Majority, outgoing: Majority = Majority()) {
        self.incoming = incoming
        self.outgoing = outgoing
    }

    /// The voters of both halves, ascending, without repetition.
    package var voters: [NodeID] { incoming.voters.union(outgoing.voters) }

    var isJoint: Bool { !outgoing.isEmpty }

    /// Whether there is exactly one voter.
    var isSingleton: Bool { incoming.voters.count == 1 && outgoing.isEmpty }

    func contains(_ id: NodeID) -> Bool { incoming.voters.has(id) || outgoing.voters.has(id) }

    /// The largest index that both majorities have acknowledged.
    package func committedIndex(_ acknowledged: (NodeID) -> LogIndex?) -> LogIndex {
        min(incoming.committedIndex(acknowledged), outgoing.committedIndex(acknowledged))
    }

    /// Won if both halves are won, lost if one is lost.
    package func result(_ vote: (NodeID) -> Bool?) -> VoteResult {
        switch (incoming.result(vote), outgoing.result(vote)) {
        case (.won, .won): .won
        case (.lost, _), (_, .lost): .lost
        default: .pending
        }
    }
}
