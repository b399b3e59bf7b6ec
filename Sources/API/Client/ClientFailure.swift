public import Fleet
public import JSONText

/// Why a client has no answer.
public enum ClientFailure: Error, Equatable, Sendable {
    /// The server answered with an error: the `Status` object and the HTTP code.
    case status(JSON, code: Int)
    /// No endpoint could be reached; what each of them said, in the order tried. Nothing was done.
    case unreachable([UnreachableEndpoint])
    /// What came is no answer of this API.
    case protocolViolation(String)
    /// The connection was lost after the request had gone out: it may have taken effect.
    case lostAnswer(request: RequestID?, reason: String)
}

public struct UnreachableEndpoint: Equatable, Sendable {
    /// The endpoint's name, else its address.
    public var endpoint: String
    public var reason: String

    public init(endpoint: String, reason: String) {
        self.endpoint = endpoint
        self.reason = reason
    }
}

extension ClientFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .status(let status, let code): status["message"]?.string ?? "HTTP status \(code)"
        case .unreachable(let endpoints) where endpoints.isEmpty: "no endpoint is known"
        case .unreachable(let endpoints):
            "no endpoint answered: " + endpoints.map { "\($0.endpoint): \($0.reason)" }.joined(separator: "; ")
        case .protocolViolation(let what): "not an answer of this API: \(what)"
        case .lostAnswer(let request, let reason):
            "the answer was lost (\(reason)): the request may have taken effect"
                + (request.map { "; request \($0)" } ?? "")
        }
    }
}
