import Primitives
import Raft

/// Keeps what is injected recoverable: never more lasting damage than a minority of voters can bear.
///
/// Most faults pass. Some don't: a disk that rots or is lost takes with it what its node has promised. Such a node
/// counts as damaged from that moment until it has proven at a start that it lost nothing. A node may
/// be damaged only if the undamaged voters are a majority in every membership that is in force anywhere, and in the one
/// that would be if the removal at hand went through: then every committed entry, and every vote that decided, is still
/// on a voter that knows of it.
struct FaultAtlas {
    private(set) var damaged: Set<NodeID> = []

    /// Whether one more node may be damaged.
    ///
    /// - Parameter memberships: The voters of every membership that counts.
    func permits(_ node: NodeID, memberships: [[NodeID]]) -> Bool {
        Self.isBearable(damaged.union([node]), memberships)
    }

    /// Whether a removal may leave these voters.
    func permitsRemoval(leaving memberships: [[NodeID]]) -> Bool { Self.isBearable(damaged, memberships) }

    private static func isBearable(_ damaged: Set<NodeID>, _ memberships: [[NodeID]]) -> Bool {
        memberships.allSatisfy { voters in
            // A newcomer that has heard of no membership yet has promised nothing.
            voters.isEmpty || voters.count { !damaged.contains($0) } >= majority(of: voters.count)
        }
    }

    mutating func damage(_ node: NodeID) { damaged.insert(node) }

    /// The node has shown that nothing was lost.
    mutating func clear(_ node: NodeID) { damaged.remove(node) }
}
