/// The membership as it stands in snapshots: every list ascending.
public struct ConfState: Hashable, Sendable {
    /// The voters of the incoming (or only) configuration.
    public var voters: [NodeID]
    public var learners: [NodeID]
    /// The voters of the outgoing configuration; empty unless joint.
    public var votersOutgoing: [NodeID]
    /// Outgoing voters that become learners when the joint configuration is left.
    public var learnersNext: [NodeID]
    /// Whether the leader leaves the joint configuration by itself.
    public var autoLeave: Bool

    public init(
        voters: [NodeID], learners: [NodeID] = [], votersOutgoing: [NodeID] = [], learnersNext: [NodeID] = [],
        autoLeave: Bool = false
    ) {
        self.voters = voters.sorted()
        self.learners = learners.sorted()
        self.votersOutgoing = votersOutgoing.sorted()
        self.learnersNext = learnersNext.sorted()
        self.autoLeave = autoLeave
    }

    /// No members at all.
    public static let empty = ConfState(voters: [])

    /// Whether two majorities must agree (Raft, section 6).
    public var isJoint: Bool { !votersOutgoing.isEmpty }

    /// Whether `id` is a member of any kind.
    public func names(_ id: NodeID) -> Bool {
        voters.has(id) || learners.has(id) || votersOutgoing.has(id) || learnersNext.has(id)
    }

    /// Everybody who receives the log, ascending, without repetition.
    public var members: [NodeID] {
        var all: [NodeID] = []
        for id in (voters + learners + votersOutgoing + learnersNext).sorted() where all.last != id { all.append(id) }
        return all
    }
}
