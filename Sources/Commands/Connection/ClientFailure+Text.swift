import Contract
import Primitives

extension ClientFailure {
    /// What standard error says, with its beginning.
    var text: String {
        switch self {
        case .status(let status): status.text
        case .unreachable(let attempts):
            "Unable to connect to the server: none of the cluster's members answered\n"
                + attempts.map { "  " + "\($0.endpoint): \($0.reason)".harmless + "\n" }.joined()
                + "Is a node running there? `blixard up` starts the one of this host; --addr names another."
        case .protocolViolation(let what):
            "error: the server's answer can't be understood: \(what.harmless)"
        case .lostAnswer(_, let reason): "Unable to connect to the server: the answer got lost: \(reason.harmless)"
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
    var plainMessage: String {
        if case .status(let status) = self { status.headline } else { brief }
    }
}
