public import NIOCore
public import Primitives

/// What the listener's owner says about a key.
public enum Admission: Equatable, Sendable {
    /// A node of the cluster.
    case member
    case administrator
    /// Every other key that is admitted.
    case user
    /// The reason goes to the node that was refused: what is wrong, and what to do.
    case refused(reason: String)

    public var isAdmitted: Bool { rank > 0 }

    /// Which connection gives way when there is no room: the lower to the higher.
    var rank: Int {
        switch self {
        case .refused: 0
        case .user: 1
        case .administrator: 2
        case .member: 3
        }
    }
}

/// A connection whose handshake is complete: the key is proved, the protocol agreed on.
public struct AcceptedConnection: Sendable {
    public let channel: any Channel
    /// The key that the other side proved to own.
    public let peer: PublicKey
    public let alpn: ALPN
    /// Never ``Admission/refused(reason:)`` on the mesh's own protocols. On others the handler itself answers a key
    /// that is refused.
    public let admission: Admission
    /// For the handler to say whether the connection is idle, and whether a stranger has a ticket.
    public let place: ConnectionPlace
    /// Where it came from, for log lines.
    public let remoteAddress: String
}

/// Work that a connection needs beyond its channel handlers; the connection is closed when it returns.
public typealias ConnectionTask = @Sendable () async -> Void

/// What speaks one protocol on accepted connections.
public protocol ProtocolHandler: Sendable {
    /// Puts the protocol's handlers into the pipeline.
    ///
    /// Called on the channel's event loop. Nothing that the other side sends is read before the future succeeds, so a
    /// `NIOAsyncChannel` is made here, and nothing may wait here for bytes. The task, if there is one, then runs as a
    /// child of ``MeshServer/run()``. A failed future closes the connection.
    func accept(_ connection: AcceptedConnection) -> EventLoopFuture<ConnectionTask?>

    /// What is written to a connection that finds no room, before it is closed; nil says nothing. Protocols with a
    /// preamble are answered by that.
    func noRoom(_ sentence: String) -> [UInt8]?
}

extension ProtocolHandler {
    public func noRoom(_ sentence: String) -> [UInt8]? { nil }
}

/// The handler of each protocol on the one port.
public struct Router: Sendable {
    private var handlers: [ALPN: any ProtocolHandler] = [:]

    public init() {}

    /// Gives a protocol to its handler. Two handlers for one protocol are a programmer's error.
    public mutating func route(_ alpn: ALPN, to handler: any ProtocolHandler) {
        precondition(handlers[alpn] == nil, "\(alpn) has two handlers")
        handlers[alpn] = handler
    }

    /// Gives a protocol to a closure with the meaning of ``ProtocolHandler/accept(_:)``.
    public mutating func route(
        _ alpn: ALPN, accept: @escaping @Sendable (AcceptedConnection) -> EventLoopFuture<ConnectionTask?>
    ) {
        route(alpn, to: ClosureHandler(body: accept))
    }

    /// The protocols in the order of their names.
    public var protocols: [ALPN] { handlers.keys.sorted { $0.rawValue < $1.rawValue } }

    func handler(for alpn: ALPN) -> (any ProtocolHandler)? { handlers[alpn] }

    private struct ClosureHandler: ProtocolHandler {
        let body: @Sendable (AcceptedConnection) -> EventLoopFuture<ConnectionTask?>

        func accept(_ connection: AcceptedConnection) -> EventLoopFuture<ConnectionTask?> { body(connection) }
    }
}
