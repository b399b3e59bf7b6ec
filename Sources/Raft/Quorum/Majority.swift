import Primitives

/// How an election stands.
package enum VoteResult: Hashable, Sendable {
    case pending, lost, won
}

/// A set of voters of which more than half must agree.
///
/// No voters at all agree with everything, so that the empty half of a joint configuration has no say.
package struct Majority: Hashable, Sendable {
    /// Ascending, without repetition.
    package internal(set) var voters: [NodeID]

    package init(_ voters: [NodeID] = []) {
        self.voters = [].union(voters)
    }

    var isEmpty: Bool { voters.isEmpty }

    /// How many make a majority.
    var quorum: Int { majority(of: voters.count) }

    /// The largest index that a majority has acknowledged; `LogIndex.infinity` without voters.
    ///
    /// - Parameter acknowledged: What a voter has acknowledged; nil, if nothing is known of it, counts as zero.
    package func committedIndex(_ acknowledged: (NodeID) -> LogIndex?) -> LogIndex {
        guard !voters.isEmpty else { return .infinity }
        return withUnsafeTemporaryAllocation(of: LogIndex.self, capacity: voters.count) { sorted in
            // Insertion sort: a handful of voters, and no allocation on the hot path.
            for (count, voter) in voters.enumerated() {
                let index = acknowledged(voter) ?? .zero
                var place = count
                while place > 0 && sorted[place - 1] > index {
                    sorted[place] = sorted[place - 1]
                    place -= 1
                }
                sorted[place] = index
            }
            // The quorum-th largest: that many have at least this.
            return sorted[voters.count - quorum]
        }
    }

    /// - Parameter vote: What a voter answered; nil if it has not.
    package func result(_ vote: (NodeID) -> Bool?) -> VoteResult {
        guard !voters.isEmpty else { return .won }
        var granted = 0
        var missing = 0
        for voter in voters {
            switch vote(voter) {
            case true?: granted += 1
            case false?: break
            case nil: missing += 1
            }
        }
        if granted >= quorum { return .won }
        return granted + missing >= quorum ? .pending : .lost
    }
}

extension LogIndex {
    /// What an empty set of voters has committed.
    package static let infinity = LogIndex(.max)
}
