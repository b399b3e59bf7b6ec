/// Who votes, who only receives the log, and what is under way between the two.
package struct Membership: Hashable, Sendable {
    package internal(set) var voters: JointQuorum
    package internal(set) var learners: [NodeID]
    /// Voters of the outgoing half that become learners when the joint configuration is left: a node never is voter
    /// and learner at once.
    package internal(set) var learnersNext: [NodeID]
    /// Whether the leader leaves the joint configuration by itself.
    package internal(set) var autoLeave: Bool

    package static let empty = Membership(ConfState.empty)

    package init(_ state: ConfState) {
        voters = JointQuorum(incoming: Majority(state.voters), outgoing: Majority(state.votersOutgoing))
        learners = [].union(state.learners)
        learnersNext = [].union(state.learnersNext)
        autoLeave = state.autoLeave
    }

    package var confState: ConfState {
        ConfState(
            voters: voters.incoming.voters, learners: learners, votersOutgoing: voters.outgoing.voters,
            learnersNext: learnersNext, autoLeave: autoLeave)
    }

    var isJoint: Bool { voters.isJoint }
}

extension Membership: CustomStringConvertible {
    /// For example `voters=(2 3 4)&&(1 2 3) learners=(5) autoleave`, ids in hexadecimal.
    package var description: String {
        func list(_ ids: [NodeID]) -> String {
            "(" + ids.map { String($0.rawValue, radix: 16) }.joined(separator: " ") + ")"
        }
        var text = "voters=" + list(voters.incoming.voters)
        if voters.isJoint { text += "&&" + list(voters.outgoing.voters) }
        if !learners.isEmpty { text += " learners=" + list(learners) }
        if !learnersNext.isEmpty { text += " learners_next=" + list(learnersNext) }
        if autoLeave { text += " autoleave" }
        return text
    }
}
