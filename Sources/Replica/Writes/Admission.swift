import Fleet
import Primitives
import Raft
import Reconcile

/// Who may do what, and what the cluster's state allows: judged where it is recorded, by the leader, from what it has
/// applied.
enum Admission {
    /// What a leader knows of the members when it judges.
    struct Members {
        /// Those that count for a quorum.
        var voters: () -> [NodeID]
        /// Whether a member is there at this moment.
        var answers: (NodeID) -> Bool
    }

    /// What a leader asks before it records a command; answers the command with what it was judged against.
    ///
    /// - Parameters:
    ///   - node: The leader's own key.
    ///   - stamp: The time that the entry will have.
    /// - Throws: `forbidden` if the author may not do this or the member is not believed, `refused` if the state does
    ///   not allow it.
    static func admit(
        _ submission: WriteSubmission, from origin: ProposalBatch.Origin, in fleet: Fleet, members: Members,
        by node: PublicKey, stamp: WallTime
    ) throws(WriteFailure) -> WriteSubmission {
        if case .member(let sender) = origin, let denial = distrust(submission, of: sender, in: fleet) {
            throw .forbidden(denial)
        }
        if let denial = denial(of: submission, in: fleet, by: node) { throw .forbidden(denial) }
        let refusals = refusals(of: submission.command, in: fleet, members: members, stamp: stamp)
        guard refusals.isEmpty else { throw .refused(refusals.bounded) }
        guard case .write(var write) = submission.command else { return submission }
        write.mutations = judged(write.mutations, in: fleet)
        return WriteSubmission(
            request: submission.request, author: submission.author, command: .write(write))
    }

    private static func refusals(
        of command: Command, in fleet: Fleet, members: Members, stamp: WallTime
    ) -> [Refusal] {
        switch command {
        case .write(let write): admissionRefusals(of: write.mutations, in: fleet)
        case .join(let join): [malformation(of: join) ?? fleet.refusal(of: join, stamp: stamp)].compactMap(\.self)
        case .remove(let id, let isForced):
            [refusal(ofRemoving: id, isForced: isForced, in: fleet, members: members)].compactMap(\.self)
        default: []
        }
    }

    private static func refusal(
        ofRemoving id: UInt64, isForced: Bool, in fleet: Fleet, members: Members
    ) -> Refusal? {
        guard let member = fleet.member(id: id) else {
            return Refusal(reason: .unknownMember, key: nil, field: nil, message: "\(id) is the id of no member")
        }
        return removalRefusal(
            of: member, isForced: isForced, voters: members.voters().map(\.rawValue),
            answers: { members.answers(NodeID($0)) })
    }

    /// Why this command is not believed of a member that hands it on; nil if it is.
    ///
    /// A member has checked whose connection a command came by, and is believed in that. But no node hands on what
    /// another node says of itself: each says it to the leader itself.
    private static func distrust(
        _ submission: WriteSubmission, of node: NodeID, in fleet: Fleet
    ) -> WriteFailure.Denial? {
        guard !submission.command.isLeadersOwn else { return .leaderOnly }
        if case .join = submission.command { return nil }
        guard let author = fleet.member(key: submission.author), author.id != node.rawValue else { return nil }
        return .speaksForAnother(node: node.rawValue, name: author.name)
    }

    /// Why the author may not do this; nil if they may.
    ///
    /// - Parameter node: The key of the node that is asked.
    static func denial(
        of submission: WriteSubmission, in fleet: Fleet, by node: PublicKey
    ) -> WriteFailure.Denial? {
        let role = fleet.role(of: submission.author)
        switch submission.command {
        case .join:
            // The ticket's secret is the right to join.
            return nil
        case .write:
            guard role == .admin || role == .operator else {
                return .mayOnlyRead(submission.author, role: role)
            }
        case .createTicket, .grant, .revoke, .remove, .reveal, .adoptSecretsKey:
            // A ticket as well: a member is believed when it says whose command it hands on.
            guard role == .admin else { return .notAdministrator(submission.author) }
        case .report(let report):
            guard fleet.member(key: submission.author)?.id == report.member else {
                return .notMember(submission.author, id: report.member)
            }
        case .updateMember(let id, _, _):
            guard fleet.member(key: submission.author)?.id == id || role == .admin else {
                return .notMember(submission.author, id: id)
            }
        case .bootstrap, .place, .promote, .raiseLevel, .reseal, .sourceReport:
            guard submission.author == node else { return .leaderOnly }
        }
        return nil
    }
}

extension Command {
    /// Whether only a leader proposes this, on its own; so it never comes from another node.
    fileprivate var isLeadersOwn: Bool {
        switch self {
        case .bootstrap, .place, .promote, .raiseLevel, .reseal, .sourceReport: true
        default: false
        }
    }
}
