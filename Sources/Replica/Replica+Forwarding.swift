import Fleet
import Primitives
import Raft
import Wire

// Writes between members: what another node hands on to this leader, and what a leader says of what it did not take.
extension Replica {
    mutating func forwarded(_ proposal: ForwardedProposal, from node: NodeID) {
        let submission = WriteSubmission(
            request: proposal.request, author: proposal.author, command: proposal.command)
        // That node sees it applied, or has by now.
        guard keptAnswer(to: submission) == nil else { return }
        take(submission, from: .member(node))
    }

    mutating func forwardRefused(_ refusal: ProposalRefusal, by node: NodeID) {
        guard isWith(node, refusal.request) else { return }
        turnedAway(refusal.request, NotTaken(refusal))
    }

    mutating func admissionRefused(_ refusal: AdmissionRefusal, by node: NodeID) {
        guard isWith(node, refusal.request) else { return }
        turnedAway(refusal.request, .refused(refusal.refusals))
    }

    /// Only whoever has a write may say what becomes of it.
    private func isWith(_ node: NodeID, _ request: RequestID) -> Bool {
        proposals[request]?.handedTo?.leader == node
    }

    /// Tells whoever handed a command to this leader that it was not taken.
    mutating func turnAway(_ request: RequestID, from origin: ProposalBatch.Origin, _ why: NotTaken) {
        switch origin {
        case .here: turnedAway(request, why)
        case .member(let node): effects.append(.send(to: node, why.message(about: request)))
        }
    }
}
