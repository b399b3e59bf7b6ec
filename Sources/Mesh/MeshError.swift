public import Host
public import Primitives

/// What can go wrong at the edge of the mesh. Every description says what failed, with which value, and what to do.
public enum MeshError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file could not be read or written.
    case disk(DiskError)
    /// A file is not what it should be.
    case file(path: String, problem: String)
    /// The listener could not take its address.
    case bind(address: String, problem: String)
    /// No address led to a verified, admitting listener. `key` is nil when any key was to be dialed.
    case dial(key: PublicKey?, alpn: ALPN, failures: [DialFailure])
    /// A join ticket is not what it should be.
    case ticket(TicketProblem)
    /// A document or an address has a wrong form; `what` names it.
    case malformed(what: String, problem: String)
    /// The library below refused a configuration that is ours alone to get right.
    case configuration(String)

    /// Why a dial failed, as the address that got furthest tells it; nil for other errors.
    public var dialReason: DialFailure.Reason? {
        guard case .dial(_, _, let failures) = self else { return nil }
        return failures.max { $0.reason.progress < $1.reason.progress }?.reason
    }

    public var description: String {
        switch self {
        case .disk(let failure): failure.description
        case .file(let path, let problem): "\(path): \(problem)"
        case .bind(let address, let problem): "can't listen on \(address): \(problem)"
        case .dial(let key, let alpn, let failures):
            "can't reach \(key.map { "node \($0.short)" } ?? "the listener") by \(alpn): "
                + (failures.isEmpty ? "no address is known" : failures.map(\.description).joined(separator: "; "))
        case .ticket(let problem): "the join ticket \(problem)"
        case .malformed(let what, let problem): "\(what): \(problem)"
        case .configuration(let problem): "the TLS settings were refused: \(problem)"
        }
    }
}

/// Why one address did not lead to a usable connection.
public struct DialFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        /// The text is no `host:port`.
        case badAddress(String)
        /// No TCP connection: refused, no route, unknown host.
        case unreachable(String)
        case timedOut(afterMilliseconds: Int64)
        /// The listener proved to own another key than the one dialed.
        case wrongKey(expected: PublicKey, shown: PublicKey)
        /// No TLS 1.3 session came about.
        case handshake(String)
        /// The listener does not speak the protocol, or no protocol was agreed on.
        case protocolNotSpoken(ALPN)
        /// The listener knows our key and refuses it, for the reason that it gave.
        case notAdmitted(reason: String)
        /// The listener is at one of its limits, or stopping.
        case busy(reason: String)
        /// The connection ended before the listener said anything.
        case closed
        /// The listener broke the protocol.
        case violation(String)
        case cancelled
    }

    /// `host:port` as it was given.
    public let address: String
    public let reason: Reason

    public init(address: String, reason: Reason) {
        self.address = address
        self.reason = reason
    }

    public var description: String { "\(address): \(reason)" }
}

extension DialFailure.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badAddress(let problem): "not an address (\(problem)); write host:port"
        case .unreachable(let problem): problem
        case .timedOut(let milliseconds): "no answer within \(milliseconds) ms"
        case .wrongKey(let expected, let shown):
            "the listener has the key \(shown), not \(expected); if that key is the right one, "
                + "trust it with --expect-key \(shown)"
        case .handshake(let problem): "no TLS 1.3 session: \(problem)"
        case .protocolNotSpoken(let alpn): "the listener does not speak \(alpn)"
        case .notAdmitted(let reason): "not admitted: \(reason)"
        case .busy(let reason): "the listener is busy: \(reason)"
        case .closed: "the listener closed the connection without a word"
        case .violation(let problem): "the listener broke the protocol: \(problem)"
        case .cancelled: "cancelled"
        }
    }

    /// How far a dial came; of several failures the furthest tells most.
    var progress: Int {
        switch self {
        case .cancelled: 0
        case .badAddress: 1
        case .unreachable: 2
        case .timedOut: 3
        case .handshake: 4
        case .closed: 5
        case .wrongKey: 6
        case .protocolNotSpoken: 7
        case .violation: 8
        case .busy: 9
        case .notAdmitted: 10
        }
    }

    /// A listener that has proved its key gives the same answer at its other addresses.
    var isFinal: Bool { progress >= 7 }
}
