/// What must be durable before a message that depends on it leaves the node (Raft, figure 2), and the commit index.
public struct HardState: Hashable, Sendable {
    /// The latest term that the node has seen.
    public var term: Term
    /// The candidate that the node voted for in `term`.
    public var vote: NodeID?
    /// The commit index; it may lag, because it can be learnt again.
    public var commit: LogIndex

    public init(term: Term, vote: NodeID?, commit: LogIndex) {
        self.term = term
        self.vote = vote
        self.commit = commit
    }

    /// The state of a node that has never run.
    public static let initial = HardState(term: .zero, vote: nil, commit: .zero)
}
