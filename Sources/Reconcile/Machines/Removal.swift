public import Fleet
import Primitives

/// Why a member can't be taken out of the cluster now; nil if it can.
///
/// It is asked by the leader when it records the removal, with nothing else of the membership under way: asked earlier,
/// two removals could each see the other's node among those that stay.
///
/// - Parameters:
///   - isForced: Whether an operator insists although the member answers. A majority must stay even then.
///   - voters: Those that count for a quorum now.
///   - answers: Whether a member is heard at this moment.
public func removalRefusal(
    of member: Member, isForced: Bool, voters: [UInt64], answers: (UInt64) -> Bool
) -> Refusal? {
    func conflict(_ message: String) -> Refusal {
        Refusal(reason: .conflict, key: nil, field: nil, message: message)
    }
    if !isForced, answers(member.id) {
        return conflict(
            "\(member.name) answers: its machines may run. Stop the node and its machines first, or remove it all the "
                + "same with --force")
    }
    guard voters.contains(member.id) else { return nil }
    let staying = voters.filter { $0 != member.id }
    let connected = staying.count(where: answers)
    guard !staying.isEmpty, connected >= majority(of: staying.count) else {
        return conflict(
            "without \(member.name), \(connected) of \(staying.count) voters answer, and that is no majority: bring "
                + "another node back first")
    }
    return nil
}
