public import Fleet

/// What a leader answers to a request that a Git repository be fetched now.
public enum SourceVerdict: Equatable, Sendable {
    /// It is fetched, at once or after the fetch that is under way, and the status names this request then.
    case accepted(RequestID, waits: Bool)
    /// There is no such repository.
    case missing
    case suspended
    /// Its spec is one that this node's program does not understand.
    case notUnderstood
    /// This node does not lead, or does not know yet what it leads.
    case notLeader
}
