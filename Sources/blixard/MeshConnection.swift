import API
import Commands
import Contract
import JSONText
import Mesh
import NIOCore
import NIOPosix
import Primitives

/// A connection of the commands over `APIClient`.
actor MeshConnection: ClusterConnection {
    /// How the cluster is found.
    enum Contact {
        case endpoints([Endpoint])
        /// Only an address: the key that it shows must be one of these.
        case unknownKey(address: String, trusted: Set<PublicKey>)
    }

    private let identity: Identity
    private let contact: Contact
    private var client: APIClient?

    init(identity: Identity, contact: Contact) {
        self.identity = identity
        self.contact = contact
    }

    func get(_ path: String, query: [(String, String)], accept: String?) async throws(ClientFailure) -> JSON {
        try await opened().get(path, query: query, accept: accept ?? MediaType.json)
    }

    func ask(_ path: String, body: JSON) async throws(ClientFailure) -> JSON {
        try await opened().ask(path, body: body)
    }

    func send(
        _ method: String, _ path: String, query: [(String, String)], body: JSON?, contentType: String?,
        request: RequestReference?
    ) async throws(ClientFailure) -> JSON {
        try await opened().send(
            method, path, query: query, body: body, contentType: contentType ?? MediaType.json,
            request: request?.id, baseRevision: request?.baseRevision)
    }

    func lines(
        _ path: String, query: [(String, String)], accept: String?, atMostMilliseconds: Int64?
    ) async throws(ClientFailure) -> any AsyncSequence<JSON, any Error> & Sendable {
        AnswerSequence(
            base: try await opened().lines(
                path, query: query, accept: accept ?? MediaType.json, atMostMilliseconds: atMostMilliseconds))
    }

    func bytes(
        _ path: String, query: [(String, String)]
    ) async throws(ClientFailure) -> ConsoleStream {
        let answer = try await opened().bytes(path, query: query)
        let position = answer.position
        guard let offset = position.offset, let kept = position.keptOffset, let end = position.endOffset else {
            throw .protocolViolation("a log that does not say which part of it this is")
        }
        return ConsoleStream(
            offset: offset, keptOffset: kept, endOffset: end, pieces: AnswerSequence(base: answer))
    }

    func close() async {
        client?.close()
        client = nil
    }

    private func opened() async throws(ClientFailure) -> APIClient {
        if let client { return client }
        let endpoints: [Endpoint]
        switch contact {
        case .endpoints(let known): endpoints = known
        case .unknownKey(let address, let trusted): endpoints = [try await meet(address, trusted)]
        }
        let opened = APIClient(identity: identity, endpoints: endpoints, timeouts: .interactive)
        client = opened
        return opened
    }

    /// Asks an address for its key, and believes it only if the key is known.
    private func meet(_ address: String, _ trusted: Set<PublicKey>) async throws(ClientFailure) -> Endpoint {
        let dialer = Dialer(identity: identity, group: MultiThreadedEventLoopGroup.singleton)
        let key: PublicKey
        do {
            let dialed = try await dialer.dial(
                .anyKey(address: address), alpn: .http,
                timeoutMilliseconds: ClientTimeouts.interactive.connectMilliseconds
            ) { $0.eventLoop.makeSucceededVoidFuture() }
            key = dialed.peer
            dialed.channel.close(promise: nil)
        } catch MeshError.dial(_, _, let failures) where !failures.isEmpty {
            throw .unreachable(
                failures.map { UnreachableEndpoint(endpoint: $0.address, reason: "\($0.reason)") })
        } catch {
            throw .unreachable([UnreachableEndpoint(endpoint: address, reason: "\(error)")])
        }
        guard trusted.contains(key) else { throw .untrustedKey(address: address, seen: key) }
        return Endpoint(key: key, addresses: [address], name: address)
    }
}

/// An answer that arrives piece by piece, as the commands take it: they are not told that it fails with `ClientFailure`
/// alone.
private struct AnswerSequence<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable where Base.Element: Sendable {
    typealias Element = Base.Element
    typealias Failure = any Error

    let base: Base

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        typealias Failure = any Error

        var base: Base.AsyncIterator

        mutating func next() async throws -> Element? {
            try await base.next()
        }
    }
}
