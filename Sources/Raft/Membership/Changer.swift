/// Changes a membership, and gives new members their progress (Raft, section 6; etcd's confchange).
///
/// A value in, a value out: a change that is refused leaves nothing behind.
package struct Changer: Equatable, Sendable {
    package private(set) var membership: Membership
    private(set) var progress: PeerMap<Progress>
    let window: Inflights.Window
    /// Where new members are probed first.
    package var lastIndex: LogIndex

    init(membership: Membership, progress: PeerMap<Progress>, window: Inflights.Window, lastIndex: LogIndex) {
        self.membership = membership
        self.progress = progress
        self.window = window
        self.lastIndex = lastIndex
    }

    /// The membership and the progress of each member as a snapshot describes them.
    package init(restoring state: ConfState, window: Inflights.Window, lastIndex: LogIndex) {
        self.init(membership: Membership(state), progress: PeerMap(), window: window, lastIndex: lastIndex)
        for id in membership.voters.voters { start(id, isLearner: false) }
        for id in membership.learners { start(id, isLearner: true) }
        checkInvariants()
    }

    /// The members and their progress, in ascending order.
    package var members: [(NodeID, Progress)] { Array(zip(progress.ids, progress.values)) }

    /// The way that `change` asks for.
    mutating func apply(_ change: ConfChangeV2) throws(MembershipError) {
        if change.leavesJoint { return try leaveJoint() }
        let (autoLeave, joint) = change.entersJoint
        if joint { return try enterJoint(autoLeave: autoLeave, change.changes) }
        try simple(change.changes)
    }

    /// Changes any number of members; both the old and the new majority decide until ``leaveJoint()``.
    ///
    /// - Throws: In a joint configuration, without voters, and if no voter would be left.
    package mutating func enterJoint(autoLeave: Bool, _ changes: [MemberChange]) throws(MembershipError) {
        guard !membership.isJoint else { throw .alreadyJoint }
        guard !membership.voters.incoming.isEmpty else { throw .jointWithoutVoters }
        var next = self
        next.membership.voters.outgoing = membership.voters.incoming
        try next.applyEach(changes)
        next.membership.autoLeave = autoLeave
        next.checkInvariants()
        self = next
    }

    /// Lets the new majority decide alone.
    ///
    /// - Throws: ``MembershipError/notJoint``.
    package mutating func leaveJoint() throws(MembershipError) {
        guard membership.isJoint else { throw .notJoint }
        for id in membership.learnersNext {
            membership.learners.add(id)
            if let position = progress.position(of: id) { progress[at: position].isLearner = true }
        }
        membership.learnersNext = []
        for id in membership.voters.outgoing.voters
        where !membership.voters.incoming.voters.has(id) && !membership.learners.has(id) {
            progress[id] = nil
        }
        membership.voters.outgoing = Majority()
        membership.autoLeave = false
        checkInvariants()
    }

    /// Changes at most one voter: then old and new majorities overlap, and no joint configuration is needed.
    ///
    /// - Throws: In a joint configuration, for more than one voter, and if no voter would be left.
    package mutating func simple(_ changes: [MemberChange]) throws(MembershipError) {
        guard !membership.isJoint else { throw .simpleChangeWhileJoint }
        var next = self
        try next.applyEach(changes)
        let before = membership.voters.incoming.voters
        let after = next.membership.voters.incoming.voters
        let moved = before.count { !after.has($0) } + after.count { !before.has($0) }
        guard moved <= 1 else { throw .severalVotersChanged }
        next.checkInvariants()
        self = next
    }

    private mutating func applyEach(_ changes: [MemberChange]) throws(MembershipError) {
        for change in changes {
            switch change {
            case .addVoter(let id): makeVoter(id)
            case .addLearner(let id): makeLearner(id)
            case .remove(let id): remove(id)
            case .update: break
            }
        }
        guard !membership.voters.incoming.isEmpty else { throw .noVotersLeft }
    }

    private mutating func makeVoter(_ id: NodeID) {
        membership.voters.incoming.voters.add(id)
        guard let position = progress.position(of: id) else { return start(id, isLearner: false) }
        progress[at: position].isLearner = false
        membership.learners.drop(id)
        membership.learnersNext.drop(id)
    }

    private mutating func makeLearner(_ id: NodeID) {
        guard let known = progress[id] else {
            membership.learners.add(id)
            return start(id, isLearner: true)
        }
        guard !known.isLearner else { return }
        remove(id)
        progress[id] = known
        if membership.voters.outgoing.voters.has(id) {
            // It still votes in the outgoing half, and learns only when that is gone.
            membership.learnersNext.add(id)
        } else {
            progress[id]?.isLearner = true
            membership.learners.add(id)
        }
    }

    private mutating func remove(_ id: NodeID) {
        guard progress.contains(id) else { return }
        membership.voters.incoming.voters.drop(id)
        membership.learners.drop(id)
        membership.learnersNext.drop(id)
        if !membership.voters.outgoing.voters.has(id) { progress[id] = nil }
    }

    private mutating func start(_ id: NodeID, isLearner: Bool) {
        var fresh = Progress(next: max(lastIndex, LogIndex(1)), window: window, isLearner: isLearner)
        // A new member had no chance to be heard yet; else the next quorum check could topple the leader.
        fresh.recentActive = true
        progress[id] = fresh
    }

    /// What holds between membership and progress whatever was asked for.
    private func checkInvariants() {
        for id in membership.voters.voters + membership.learners + membership.learnersNext {
            precondition(progress.contains(id), "no progress for member \(id)")
        }
        for id in membership.learnersNext {
            precondition(membership.voters.outgoing.voters.has(id), "\(id) waits to learn but is no outgoing voter")
            precondition(progress[id]?.isLearner == false, "\(id) waits to learn but already learns")
        }
        for id in membership.learners {
            precondition(!membership.voters.contains(id), "\(id) is voter and learner")
            precondition(progress[id]?.isLearner == true, "\(id) is listed as learner only")
        }
        precondition(membership.isJoint || (membership.learnersNext.isEmpty && !membership.autoLeave), "left half-way")
    }
}
