import API
import Commands
import Fleet
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

    func get(_ path: String, query: [(String, String)], accept: String?) async throws(ConnectionFailure) -> JSON {
        let client = try await opened()
        do {
            return try await client.get(path, query: query, accept: accept ?? APIClient.acceptJSON)
        } catch {
            throw ConnectionFailure(error)
        }
    }

    func ask(_ path: String, body: JSON) async throws(ConnectionFailure) -> JSON {
        let client = try await opened()
        do {
            return try await client.ask(path, body: body)
        } catch {
            throw ConnectionFailure(error)
        }
    }

    func send(
        _ method: String, _ path: String, query: [(String, String)], body: JSON?, contentType: String?,
        request: RequestReference?
    ) async throws(ConnectionFailure) -> JSON {
        let client = try await opened()
        do {
            return try await client.send(
                method, path, query: query, body: body, contentType: contentType ?? APIClient.acceptJSON,
                request: request.flatMap { RequestID(hex: $0.hex) }, baseRevision: request?.baseRevision)
        } catch {
            throw ConnectionFailure(error)
        }
    }

    func lines(
        _ path: String, query: [(String, String)], accept: String?, atMostMilliseconds: Int64?
    ) async throws(ConnectionFailure) -> any AsyncSequence<JSON, any Error> & Sendable {
        let client = try await opened()
        do {
            return AnswerSequence(
                base: try await client.lines(
                    path, query: query, accept: accept ?? APIClient.acceptJSON,
                    atMostMilliseconds: atMostMilliseconds))
        } catch {
            throw ConnectionFailure(error)
        }
    }

    func bytes(
        _ path: String, query: [(String, String)]
    ) async throws(ConnectionFailure) -> ConsoleStream {
        let client = try await opened()
        let answer: ByteAnswer
        do {
            answer = try await client.bytes(path, query: query)
        } catch {
            throw ConnectionFailure(error)
        }
        guard let offset = answer.offset, let kept = answer.keptOffset, let end = answer.endOffset else {
            throw .protocolViolation("a log that does not say which part of it this is")
        }
        return ConsoleStream(
            offset: offset, keptOffset: kept, endOffset: end, pieces: AnswerSequence(base: answer))
    }

    func close() async {
        client?.close()
        client = nil
    }

    private func opened() async throws(ConnectionFailure) -> APIClient {
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
    private func meet(_ address: String, _ trusted: Set<PublicKey>) async throws(ConnectionFailure) -> Endpoint {
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
                failures.map { ConnectionFailure.Attempt(endpoint: $0.address, reason: "\($0.reason)") })
        } catch {
            throw .unreachable([ConnectionFailure.Attempt(endpoint: address, reason: "\(error)")])
        }
        guard trusted.contains(key) else { throw .untrustedKey(address: address, seen: key) }
        return Endpoint(key: key, addresses: [address], name: address)
    }
}

extension ConnectionFailure {
    init(_ failure: ClientFailure) {
        switch failure {
        case .status(let status, let code): self = .status(status, code: code)
        case .unreachable(let endpoints):
            self = .unreachable(endpoints.map { Attempt(endpoint: $0.endpoint, reason: $0.reason) })
        case .protocolViolation(let what): self = .protocolViolation(what)
        case .lostAnswer(_, let reason): self = .lostAnswer(reason)
        }
    }
}

/// An answer that arrives piece by piece, with the failures of the commands.
private struct AnswerSequence<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable where Base.Element: Sendable {
    typealias Element = Base.Element
    typealias Failure = any Error

    let base: Base

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        typealias Failure = any Error

        var base: Base.AsyncIterator

        mutating func next() async throws -> Element? {
            do {
                return try await base.next()
            } catch let failure as ClientFailure {
                throw ConnectionFailure(failure)
            }
        }
    }
}
