public import Fleet

extension APIStatus {
    /// Why a write has no outcome, with its code and with the request that an unknown one can be asked about.
    public init(_ failure: WriteFailure) {
        switch failure {
        case .notLeader, .noQuorum, .unavailable: self = .unavailable(failure.description)
        case .forbidden: self.init(.forbidden, failure.description)
        case .refused(let refusals): self.init(refusals)
        case .tooLarge: self.init(.requestEntityTooLarge, failure.description)
        case .outcomeUnknown(let request):
            self.init(
                .timeout, failure.description,
                causes: [Cause(reason: "OutcomeUnknown", message: request.description, field: "request")])
        }
    }

    /// Something is out of order for now; another try in a second may help.
    public static func unavailable(_ message: String) -> APIStatus {
        APIStatus(.serviceUnavailable, message, retryAfterSeconds: 1)
    }
}
