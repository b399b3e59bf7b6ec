import Fleet

extension APIStatus {
    /// Why the node could not answer, in words that say what was recorded and what to do.
    init(_ failure: BackendFailure) {
        switch failure {
        case .noQuorum(let connected, let voters):
            // Voters that are connected may still know of no leader: then that is what is missing.
            let problem =
                connected <= voters / 2
                ? "no quorum: \(connected) of \(voters) voters"
                : "no leader answers, although \(connected) of \(voters) voters are connected: an election may be under way"
            self.init(.serviceUnavailable, "\(problem); nothing was recorded", retryAfterSeconds: 1)
        case .noLeader:
            self.init(
                .serviceUnavailable, "no leader is known at the moment; nothing was recorded", retryAfterSeconds: 1)
        case .outcomeUnknown(let request):
            self.init(
                .timeout,
                "outcome unknown: it may still take effect; ask again with request \(request) to learn which",
                causes: [Cause(reason: "OutcomeUnknown", message: request.description, field: "request")])
        case .notFound(let message): self.init(.notFound, message)
        case .unavailable(let message): self.init(.serviceUnavailable, message, retryAfterSeconds: 1)
        case .forbidden(let message): self.init(.forbidden, message)
        case .refused(let message): self.init(.conflict, message)
        case .notYet(let message): self.init(.badRequest, message)
        case .invalid(let message): self.init(.invalid, message)
        case .timeout(let message): self.init(.timeout, message)
        case .tooLarge(let bytes, let limit):
            self.init(
                .requestEntityTooLarge,
                "the write takes \(bytes) bytes in the log, and an entry may have \(limit): split it")
        }
    }
}
