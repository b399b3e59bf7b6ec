/// What a node is at the moment.
public enum Role: UInt8, Hashable, Sendable, CaseIterable {
    case follower = 0
    case candidate = 1
    case leader = 2
    /// Asks whether it could win before it raises the term (Ongaro's thesis, section 9.6).
    case preCandidate = 3
}

/// What observers want to know and no storage has to keep.
public struct SoftState: Hashable, Sendable {
    /// The leader of the current term, as far as known.
    public var leader: NodeID?
    public var role: Role

    public init(leader: NodeID?, role: Role) {
        self.leader = leader
        self.role = role
    }
}
