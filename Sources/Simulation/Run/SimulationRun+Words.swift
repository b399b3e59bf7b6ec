import Primitives
import Raft
import Replica

// What a node says, compared with what is on its disk at that moment.
extension SimulationRun {
    /// A message leaves: what it promises must be on the disk.
    mutating func checkWord(_ message: Message, of sender: Int) throws(Violation) {
        guard let durable = nodes[sender].agent?.journal.durable else { return }
        let id = nodes[sender].identity.id
        if message.isPromise, durable.term < message.term {
            throw Violation(
                .durability, "node \(id) sends \(message.kind) of term \(message.term); its disk says \(durable.term)")
        }
        switch message.kind {
        case .vote where durable.term == message.term && durable.vote != id,
            .voteResponse where !message.reject && durable.term == message.term && durable.vote != message.to:
            throw Violation(
                .durability,
                "node \(id) sends \(message.kind) to \(message.to) in term \(message.term); on its disk the vote is "
                    + (durable.vote.map { "for \($0)" } ?? "not there"))
        case .append:
            try ledger.note(message.entries, after: message.logTerm, by: id)
        case .appendResponse where !message.reject:
            if message.term == durable.term {
                try checkAcknowledgement(message, durable, of: sender)
            } else {
                try checkLateAcknowledgement(message, durable)
            }
            ledger.acknowledges(id, message.index, in: message.term)
        default: break
        }
    }

    /// What a leader is told to be stored is, and it is the entry that this leader has there.
    private func checkAcknowledgement(
        _ message: Message, _ durable: DurableLog, of sender: Int
    ) throws(Violation) {
        let leader = nodes.lazy.compactMap { $0.agent?.replica }
            .first { $0.role == .leader && $0.term == message.term }
        // In memory the sender may have gone on to a later leader's entries while the ones acknowledged were being
        // written.
        let witness = leader ?? nodes[sender].agent?.replica
        let wanted = witness?.term == message.term ? witness?.logTerm(at: message.index) : nil
        let stored = durable.term(at: message.index)
        guard message.index <= leader?.logEnd.index ?? message.index, message.index <= durable.last.index,
            stored == nil || wanted == nil || stored == wanted
        else {
            throw Violation(
                .durability,
                "node \(message.from) acknowledges entry \(message.index) to \(message.to) in term \(message.term); "
                    + "there it is of term \(wanted.map { "\($0)" } ?? "unknown"), here of "
                    + "\(stored.map { "\($0)" } ?? "none"), and the disk ends with \(durable.last.index)")
        }
    }

    /// One for a term that is over says what the disk held in that term.
    private func checkLateAcknowledgement(_ message: Message, _ durable: DurableLog) throws(Violation) {
        guard durable.mayHaveStored(message.index, in: message.term) else {
            throw Violation(
                .durability,
                "node \(message.from) acknowledges entry \(message.index) to \(message.to) in term \(message.term), in "
                    + "which it had not stored so much; now its disk is in term \(durable.term) and ends with "
                    + "\(durable.last.index)")
        }
    }
}

extension Message {
    /// Whether its sender must remember the term in which it sent this. A heartbeat's answer promises nothing: it may
    /// leave before the term is durable.
    var isPromise: Bool {
        switch kind {
        case .vote, .voteResponse, .append, .appendResponse, .heartbeat, .snapshot: true
        default: false
        }
    }
}
