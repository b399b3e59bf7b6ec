/// One step of a membership change.
public enum MemberChange: Hashable, Sendable {
    /// Adds a voter, or makes a learner one.
    case addVoter(NodeID)
    /// Adds a learner, or makes a voter one.
    case addLearner(NodeID)
    case remove(NodeID)
    /// Changes nothing about votes; the context says what did change.
    case update(NodeID)

    public var node: NodeID {
        switch self {
        case .addVoter(let node), .addLearner(let node), .remove(let node), .update(let node): node
        }
    }
}

/// A change of one member, applied without a joint configuration.
public struct ConfChange: Hashable, Sendable {
    public var change: MemberChange
    /// Bytes of the proposer; consensus never looks inside.
    public var context: [UInt8]

    public init(_ change: MemberChange, context: [UInt8] = []) {
        self.change = change
        self.context = context
    }

    /// The same change in the general form.
    public var general: ConfChangeV2 { ConfChangeV2(changes: [change], context: context) }
}

/// A change of any number of members, atomic through a joint configuration (Raft, section 6).
///
/// Without changes and with transition `auto` it leaves the joint configuration.
public struct ConfChangeV2: Hashable, Sendable {
    /// How the change passes through a joint configuration.
    public enum Transition: UInt8, Hashable, Sendable, CaseIterable {
        /// Jointly only if more than one member changes, left without being asked.
        case auto = 0
        /// Jointly, left without being asked.
        case jointImplicit = 1
        /// Jointly, left by a change of its own.
        case jointExplicit = 2
    }

    public var transition: Transition
    public var changes: [MemberChange]
    /// Bytes of the proposer; consensus never looks inside.
    public var context: [UInt8]

    public init(transition: Transition = .auto, changes: [MemberChange], context: [UInt8] = []) {
        self.transition = transition
        self.changes = changes
        self.context = context
    }

    /// The change that leaves a joint configuration.
    public static let leaveJoint = ConfChangeV2(changes: [])

    /// Whether it leaves a joint configuration.
    public var leavesJoint: Bool { transition == .auto && changes.isEmpty }

    /// Whether it goes through a joint configuration, and if so whether that is left without being asked.
    public var entersJoint: (autoLeave: Bool, joint: Bool) {
        guard transition != .auto || changes.count > 1 else { return (false, false) }
        return (transition != .jointExplicit, true)
    }
}
