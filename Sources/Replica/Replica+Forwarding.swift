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

    mutating func forwardFailed(_ failed: ForwardedFailure, at node: NodeID) {
        guard isWith(node, failed.request) else { return }
        turnedAway(failed.request, failed.failure)
    }

    /// Only the leader that has a write may say what becomes of it.
    private func isWith(_ node: NodeID, _ request: RequestID) -> Bool {
        proposals[request]?.handedTo?.leader == node
    }

    /// Tells the node that handed a command to this leader why it was not taken.
    mutating func turnAway(_ request: RequestID, from origin: ProposalBatch.Origin, _ failure: WriteFailure) {
        switch origin {
        case .here: turnedAway(request, failure)
        case .member(let node):
            effects.append(.send(to: node, .writeFailed(ForwardedFailure(request: request, failure: failure))))
        }
    }
}
