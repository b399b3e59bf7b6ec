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

    /// Whether it describes a membership: it has a voter, no member has two parts at once, and what belongs to a joint
    /// configuration is there only in one.
    var isConsistent: Bool {
        let lists = [voters, learners, votersOutgoing, learnersNext]
        let areSets = lists.allSatisfy { list in
            zip(list, list.dropFirst()).allSatisfy(<) && !list.contains(where: \.isLocalThread)
        }
        guard areSets, !voters.isEmpty, isJoint || (learnersNext.isEmpty && !autoLeave) else { return false }
        return learners.allSatisfy { !voters.has($0) && !votersOutgoing.has($0) }
            && learnersNext.allSatisfy { votersOutgoing.has($0) && !voters.has($0) && !learners.has($0) }
    }

    /// Every member that receives the log, ascending, without repetition.
    public var members: [NodeID] {
        var all: [NodeID] = []
        for id in (voters + learners + votersOutgoing + learnersNext).sorted() where all.last != id { all.append(id) }
        return all
    }
}
