import Contract
import Fleet

extension APIStatus {
    /// Why a write has no outcome.
    init(_ failure: WriteFailure) {
        switch failure {
        case .notLeader, .noQuorum, .unavailable:
            self.init(.serviceUnavailable, failure.description, retryAfterSeconds: 1)
        case .forbidden: self.init(.forbidden, failure.description)
        case .refused(let refusals): self.init(refusals)
        case .tooLarge: self.init(.requestEntityTooLarge, failure.description)
        case .outcomeUnknown(let request):
            self.init(
                .timeout, failure.description,
                causes: [Cause(reason: "OutcomeUnknown", message: request.description, field: "request")])
        }
    }

    /// Why the node could not answer, in words that say what was recorded and what to do.
    init(_ failure: BackendFailure) {
        switch failure {
        case .write(let failure): self.init(failure)
        case .notFound(let message): self.init(.notFound, message)
        case .unavailable(let message): self.init(.serviceUnavailable, message, retryAfterSeconds: 1)
        case .forbidden(let message): self.init(.forbidden, message)
        case .refused(let message): self.init(.conflict, message)
        case .notYet(let message): self.init(.badRequest, message)
        case .invalid(let message): self.init(.invalid, message)
        case .timeout(let message): self.init(.timeout, message)
        }
    }
}
