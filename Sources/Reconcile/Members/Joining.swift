public import Fleet
import Primitives

/// Why a join is none that any cluster would take; nil if it may be one. It is asked before anything of it travels or
/// is recorded, because any process may ask to join.
public func malformation(of join: Join) -> Refusal? {
    func invalid(_ message: String) -> Refusal {
        Refusal(reason: .invalid, key: nil, field: nil, message: message)
    }
    if join.ticketHash.count != 32 {
        return invalid("a ticket's hash of \(join.ticketHash.count) bytes, instead of 32")
    }
    if join.incarnation == 0 {
        return invalid("a newcomer that does not say which log it has: use this version's program to join")
    }
    let problem = join.name.flatMap(JoinRules.problem(ofName:)) ?? JoinRules.problem(ofAddresses: join.addresses)
    return problem.map(invalid)
}
