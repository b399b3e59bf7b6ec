import Contract
import Fleet
import JSONText

/// What the endpoints have said so far to one request.
struct EndpointOutcomes {
    /// One for each try of this pass without an answer.
    private var unreachable: [UnreachableEndpoint] = []
    /// Of these three the first.
    private var unavailable: ClientFailure?
    private var lost: String?
    private var violation: String?

    /// Takes the outcome of one try; answers the request's result if it is settled by that.
    mutating func take(_ outcome: ExchangeOutcome, from endpoint: Endpoint) -> Result<[UInt8], ClientFailure>? {
        switch outcome {
        case .answer(let code, let body) where (200..<300).contains(code): return .success(body)
        case .answer(let code, let body):
            let failure = Self.failure(code: code, body: body)
            // This endpoint can't serve now; another one may.
            guard code == 503 || code == 429 else { return .failure(failure) }
            unavailable = unavailable ?? failure
        case .unreachable(let reason):
            unreachable.append(UnreachableEndpoint(endpoint: endpoint.label, reason: reason))
        case .lost(let reason):
            lost = lost ?? reason
            unreachable.append(UnreachableEndpoint(endpoint: endpoint.label, reason: reason))
        case .violation(let what):
            violation = violation ?? what
        }
        return nil
    }

    /// Whether a request went out that no endpoint has answered.
    var isLost: Bool { lost != nil }

    /// Whether another pass may be answered: no endpoint has given an answer that settles anything.
    var isUnanswered: Bool { isLost || unavailable == nil && violation == nil }

    /// Before another pass, whose reasons count.
    mutating func forgetUnreachable() { unreachable = [] }

    /// What to say when no endpoint has settled the request.
    ///
    /// - Parameter request: Of a write; nil for a read, of which nothing can be lost.
    func failure(request: RequestID?, isWrite: Bool = false) -> ClientFailure {
        // An endpoint that says that it recorded nothing answers for its own try alone.
        if isWrite, let reason = lost ?? violation { return .lostAnswer(request: request, reason: reason) }
        if let unavailable { return unavailable }
        if let violation { return .protocolViolation(violation) }
        return .unreachable(unreachable)
    }

    static func failure(code: Int, body: [UInt8]) -> ClientFailure {
        guard let status = try? JSON(parsing: body), status["kind"] == "Status" else {
            // Not this API's words, so they are quoted.
            return .protocolViolation("HTTP status \(code): \(String(decoding: body.prefix(200), as: UTF8.self))")
        }
        return .status(APIStatus(json: status, code: code))
    }
}
