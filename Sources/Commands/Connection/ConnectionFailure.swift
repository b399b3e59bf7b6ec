public import JSONText
public import Primitives

/// Why a request has no good answer.
public enum ConnectionFailure: Error, Equatable, Sendable {
    /// The cluster answered with an error: a `Status` object, and the HTTP code.
    case status(JSON, code: Int)
    /// No member could be reached; nothing was sent.
    case unreachable([Attempt])
    /// Something answered that is no blixard node, or one that does not keep to its contract.
    case protocolViolation(String)
    /// The request was sent and no answer came: a write may have taken effect.
    case lostAnswer(String)
    /// The node showed a key that nothing vouches for.
    case untrustedKey(address: String, seen: PublicKey)
    /// The address, the identity or the context can't be used; the text says which and what to do.
    case unusable(String)

    /// One member that was tried.
    public struct Attempt: Equatable, Sendable {
        /// `node-1 at 127.0.0.1:7001`.
        public var endpoint: String
        public var reason: String

        public init(endpoint: String, reason: String) {
            self.endpoint = endpoint
            self.reason = reason
        }
    }
}

extension ConnectionFailure {
    /// What standard error says, with its beginning.
    var text: String {
        switch self {
        case .status(let status, let code): ServerStatus(status, code: code).text
        case .unreachable(let attempts):
            "Unable to connect to the server: none of the cluster's members answered\n"
                + attempts.map { "  " + "\($0.endpoint): \($0.reason)".harmless + "\n" }.joined()
                + "Is a node running there? `blixard up` starts the one of this host; --addr names another."
        case .protocolViolation(let what):
            "error: the server's answer can't be understood: \(what.harmless)"
        case .lostAnswer(let reason): "Unable to connect to the server: the answer got lost: \(reason.harmless)"
        case .untrustedKey(let address, let seen):
            """
            error: the node at \(address.harmless) shows the key \(seen), which nothing vouches for
            If that is its key (`blixard cluster status -o json` on that host prints it), trust it with:
              --expect-key \(seen)
            """
        case .unusable(let what): "error: \(what.harmless)"
        }
    }

    /// The same in one line, for the middle of other text.
    var brief: String {
        switch self {
        case .unreachable(let attempts) where !attempts.isEmpty: attempts.map(\.reason.harmless).joined(separator: "; ")
        default: text.split(separator: "\n").first.map(String.init) ?? ""
        }
    }

    /// What a `Status` says, without its reason; everything else in one line.
    var message: String {
        if case .status(let status, let code) = self { ServerStatus(status, code: code).message } else { brief }
    }

    /// The reason of a `Status`; nil for everything else.
    var reason: String? {
        if case .status(let status, let code) = self { ServerStatus(status, code: code).reason } else { nil }
    }

    /// Whether the same question may get an answer soon: nobody answers or leads just now.
    var isTransient: Bool {
        switch self {
        case .unreachable, .lostAnswer: true
        case .status(_, let code): code == 503 || code == 504 || code == 429
        case .protocolViolation, .untrustedKey, .unusable: false
        }
    }

    var isNotFound: Bool { reason == "NotFound" }
    var isConflict: Bool { reason == "Conflict" }

    /// Whether a write may have taken effect or still may.
    var isOutcomeUnknown: Bool {
        switch self {
        case .lostAnswer: true
        case .status(_, let code): code == 504
        default: false
        }
    }
}
