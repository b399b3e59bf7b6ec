import Raft

/// What a node remembers while its disk has no room for the log.
struct DiskShortage: Sendable {
    /// Members to which leadership was handed without success: they may have no room either.
    private var tried: Set<NodeID> = []

    /// The next of the members that may take over, once all were tried anew from the first; nil if there are none.
    ///
    /// - Parameter best: Which of them is to be next, other than these.
    mutating func nextHeir(of heirs: [NodeID], best: (Set<NodeID>) -> NodeID?) -> NodeID? {
        if heirs.allSatisfy(tried.contains) { tried = [] }
        guard let heir = best(tried) else { return nil }
        tried.insert(heir)
        return heir
    }
}
