public import NIOCore
import NIOPosix
import NIOSSL
public import Primitives
import Synchronization

/// The node to dial.
public enum DialTarget: Equatable, Sendable {
    /// The owner of this key, at any of these addresses (`host:port`), of which the first is tried first.
    case key(PublicKey, addresses: [String])
    /// Any node that listens at this address. The caller judges the key that comes back, before it believes anything.
    case anyKey(address: String)

    var key: PublicKey? {
        guard case .key(let key, _) = self else { return nil }
        return key
    }

    var addresses: [String] {
        switch self {
        case .key(_, let addresses): addresses
        case .anyKey(let address): [address]
        }
    }
}

/// A connection to a listener that has proved its key and, on the mesh's own protocols, has said welcome.
public struct DialedConnection<Value: Sendable>: Sendable {
    public let channel: any Channel
    /// The key that the listener proved to own.
    public let peer: PublicKey
    /// The address that led there, as it was given.
    public let address: String
    /// What the caller's closure made of the channel.
    public let value: Value
}

/// Opens connections to nodes by their keys.
public final class Dialer: Sendable {
    /// How long an address has the field to itself before the next one is tried beside it.
    static let staggerMilliseconds: Int64 = 250
    /// How long the other side may leave sent bytes unacknowledged before TCP gives up.
    static let unacknowledgedMilliseconds = 20_000

    let identity: Identity
    let group: any EventLoopGroup
    private let outgoing: OutgoingConnections?
    private let contexts = Mutex<[ALPN: NIOSSLContext]>([:])

    /// For programs that open few connections and end: they are not counted.
    ///
    /// - Parameter group: The loops of dialed connections.
    public convenience init(identity: Identity, group: any EventLoopGroup) {
        self.init(identity: identity, group: group, countedBy: nil)
    }

    /// - Parameters:
    ///   - group: The loops of dialed connections.
    ///   - outgoing: What all dialers of the process may have open together; nil for no limit.
    public init(identity: Identity, group: any EventLoopGroup, countedBy outgoing: OutgoingConnections?) {
        self.identity = identity
        self.group = group
        self.outgoing = outgoing
    }

    /// Dials, and lets `configure` put handlers into the pipeline before the first byte can arrive.
    ///
    /// The addresses are tried in their order, a new one each quarter of a second or as soon as one has failed; the
    /// first that leads to a listener with the right key wins, and the others are closed.
    /// - Parameters:
    ///   - timeoutMilliseconds: For everything together.
    ///   - configure: Called on the channel's event loop.
    /// - Throws: ``MeshError/dial(key:alpn:failures:)`` with what each address gave; ``MeshError/dialReason`` is the
    ///   one that came furthest.
    public func dial<Value: Sendable>(
        _ target: DialTarget, alpn: ALPN, timeoutMilliseconds: Int64,
        configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>
    ) async throws(MeshError) -> DialedConnection<Value> {
        let loop = group.next()
        let cancellation = loop.makePromise(of: Void.self)
        defer { cancellation.succeed() }
        let future = dial(
            target, alpn: alpn, timeoutMilliseconds: timeoutMilliseconds, on: loop,
            cancelledBy: cancellation.futureResult, configure: configure)
        let result = await withTaskCancellationHandler {
            do { return Result<_, any Error>.success(try await future.get()) } catch { return .failure(error) }
        } onCancel: {
            cancellation.succeed()
        }
        switch result {
        case .success(let connection): return connection
        case .failure(let error as MeshError): throw error
        case .failure(let error): throw .configuration("\(error)")
        }
    }

    /// The same as a future on `loop`, where the channel will live too; it fails only with ``MeshError``.
    func dial<Value: Sendable>(
        _ target: DialTarget, alpn: ALPN, timeoutMilliseconds: Int64, on loop: any EventLoop,
        cancelledBy cancellation: EventLoopFuture<Void>?,
        configure: @escaping @Sendable (any Channel) -> EventLoopFuture<Value>
    ) -> EventLoopFuture<DialedConnection<Value>> {
        let promise = loop.makePromise(of: DialedConnection<Value>.self)
        let context: NIOSSLContext
        do {
            context = try tlsContext(for: alpn)
        } catch {
            promise.fail(error)
            return promise.futureResult
        }
        let outgoing = outgoing
        loop.execute {
            let race = DialRace(
                target: target, alpn: alpn, timeoutMilliseconds: timeoutMilliseconds, loop: loop, context: context,
                outgoing: outgoing,
                configure: configure, promise: promise)
            cancellation?.hop(to: loop).assumeIsolated().whenComplete { _ in race.cancel() }
            race.start()
        }
        return promise.futureResult
    }

    private func tlsContext(for alpn: ALPN) throws(MeshError) -> NIOSSLContext {
        if let context = contexts.withLock({ $0[alpn] }) { return context }
        let fresh = try TLSSettings.context(identity: identity, protocols: [alpn], server: false)
        contexts.withLock { $0[alpn] = fresh }
        return fresh
    }
}
