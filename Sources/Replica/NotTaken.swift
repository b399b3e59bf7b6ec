import Fleet
import Primitives
import Wire

/// Why a leader did not put a command into its log: nothing of it is recorded.
enum NotTaken: Error, Equatable {
    /// Another leads by now, or nobody: whoever leads next may take it.
    case notLeader
    /// The author may not do this.
    case forbidden(String)
    /// The cluster's state does not allow it.
    case refused([Refusal])
    /// The reason may be gone in a moment.
    case unavailable(String)
    case tooLarge(bytes: Int, limit: Int)

    /// What whoever waits for it is answered; nil if it is to be asked of the next leader.
    var result: WriteResult? {
        switch self {
        case .notLeader: nil
        case .forbidden(let reason): .forbidden(reason)
        case .refused(let refusals): .applied(.refused(refusals))
        case .unavailable(let reason): .unavailable(reason)
        case .tooLarge(let bytes, let limit): .tooLarge(bytes: bytes, limit: limit)
        }
    }

    /// As it travels to the member that handed the command on.
    func message(about request: RequestID) -> PeerMessage {
        func refusal(_ code: ProposalRefusal.Code, _ reason: String) -> PeerMessage {
            .proposalRefused(ProposalRefusal(request: request, code: code, reason: reason))
        }
        return switch self {
        case .notLeader: refusal(.notLeader, "this node does not lead")
        case .forbidden(let reason): refusal(.forbidden, reason)
        case .refused(let refusals): .admissionRefused(AdmissionRefusal(request: request, refusals: refusals))
        case .unavailable(let reason): refusal(.unavailable, reason)
        case .tooLarge(let bytes, let limit): refusal(.tooLarge, "\(bytes)/\(limit)")
        }
    }

    init(_ refusal: ProposalRefusal) {
        switch refusal.code {
        case .notLeader: self = .notLeader
        case .forbidden: self = .forbidden(refusal.reason)
        case .unavailable: self = .unavailable(refusal.reason)
        case .tooLarge:
            let numbers = refusal.reason.split(separator: "/").compactMap { Int($0) }
            self = .tooLarge(bytes: numbers.first ?? 0, limit: numbers.last ?? Limits.entryBytes)
        }
    }
}
