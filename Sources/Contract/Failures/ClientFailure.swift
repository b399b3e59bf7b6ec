public import Fleet
public import Primitives

/// Why a client has no good answer. The client throws it, and what asks through the client switches on it.
///
/// Its texts are as servers sent them: what is shown on a terminal makes them harmless first.
public enum ClientFailure: Error, Equatable, Sendable {
    /// The server answered with an error.
    case status(APIStatus)
    /// No endpoint could be reached; what each of them said, in the order tried. Nothing was done.
    case unreachable([UnreachableEndpoint])
    /// What came is no answer of this API.
    case protocolViolation(String)
    /// The connection was lost after the request had gone out: it may have taken effect.
    case lostAnswer(request: RequestID?, reason: String)
    /// The node showed a key that nothing vouches for, and nothing was sent.
    case untrustedKey(address: String, seen: PublicKey)
    /// The address, the identity or the context can't be used, so nothing was sent; the text says which and what to do.
    case unusable(String)
}

/// One endpoint that was tried.
public struct UnreachableEndpoint: Equatable, Sendable {
    /// The endpoint's name, else its address: `node-1 at 127.0.0.1:7001`.
    public var endpoint: String
    public var reason: String

    public init(endpoint: String, reason: String) {
        self.endpoint = endpoint
        self.reason = reason
    }
}

extension ClientFailure {
    /// The reason of a `Status`; nil for everything else.
    public var reason: APIStatus.Reason? {
        if case .status(let status) = self { status.reason } else { nil }
    }

    /// Whether the object that was asked for does not exist.
    public var isNotFound: Bool { reason?.word == APIStatus.Reason.notFound.word }

    /// Whether the object is not as the request takes it to be.
    public var isConflict: Bool { reason?.word == APIStatus.Reason.conflict.word }

    /// Whether a watch asked for what the server no longer keeps: the caller lists again.
    public var hasExpired: Bool {
        // Servers of Kubernetes say either.
        [APIStatus.Reason.expired.word, "Gone"].contains(reason?.word)
    }

    /// Whether the same question may get an answer soon: no node answers or leads just now.
    public var isTransient: Bool {
        switch self {
        case .unreachable, .lostAnswer: true
        case .status(let status):
            [APIStatus.Reason.serviceUnavailable, .timeout, .tooManyRequests].contains { $0.code == status.reason.code }
        case .protocolViolation, .untrustedKey, .unusable: false
        }
    }

    /// Whether a write may have taken effect or still may.
    public var isOutcomeUnknown: Bool {
        switch self {
        case .lostAnswer: true
        case .status(let status): status.reason.code == APIStatus.Reason.timeout.code
        case .unreachable, .protocolViolation, .untrustedKey, .unusable: false
        }
    }
}

extension ClientFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .status(let status): status.message
        case .unreachable(let endpoints) where endpoints.isEmpty: "no endpoint is known"
        case .unreachable(let endpoints):
            "no endpoint answered: " + endpoints.map { "\($0.endpoint): \($0.reason)" }.joined(separator: "; ")
        case .protocolViolation(let what): "not an answer of this API: \(what)"
        case .lostAnswer(let request, let reason):
            "the answer was lost (\(reason)): the request may have taken effect"
                + (request.map { "; request \($0)" } ?? "")
        case .untrustedKey(let address, let seen): "\(address) shows the key \(seen), which nothing vouches for"
        case .unusable(let what): what
        }
    }
}
