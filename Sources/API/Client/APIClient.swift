public import Contract
public import Fleet
public import JSONText
public import Mesh
import NIOPosix

/// Speaks to a cluster through any of its nodes.
///
/// Endpoints are tried in order, beginning with the one that answered last: one that refuses the connection is left at
/// once, one that gives no answer to a read within `firstAnswerMilliseconds` gets company from the next and the first
/// answer counts, and one that says that it can't serve now (503) is left for the next. A write goes to one endpoint at
/// a time and is sent again, with the same request id, only when that can't apply it twice.
///
/// One idle connection is kept for each endpoint. All methods may be called from any task; a cancelled call ends soon
/// and closes its connection.
public final class APIClient: Sendable {
    let endpoints: [Endpoint]
    let timeouts: ClientTimeouts
    let pool: ConnectionPool

    public convenience init(identity: Identity, endpoints: [Endpoint], timeouts: ClientTimeouts) {
        self.init(
            dialer: Dialer(identity: identity, group: MultiThreadedEventLoopGroup.singleton), endpoints: endpoints,
            timeouts: timeouts)
    }

    /// With a dialer that others use too.
    public convenience init(dialer: Dialer, endpoints: [Endpoint], timeouts: ClientTimeouts) {
        self.init(transport: MeshTransport(dialer), endpoints: endpoints, timeouts: timeouts)
    }

    /// With all its connections on one event loop, on which its callers run as well.
    package convenience init(identity: Identity, endpoints: [Endpoint], timeouts: ClientTimeouts, on loop: ClientLoop) {
        self.init(
            dialer: Dialer(identity: identity, group: loop.group), endpoints: endpoints, timeouts: timeouts)
    }

    /// Over any transport that authenticates the endpoints by itself.
    package init(transport: any ClientTransport, endpoints: [Endpoint], timeouts: ClientTimeouts) {
        self.endpoints = endpoints
        self.timeouts = timeouts
        pool = ConnectionPool(transport: transport, endpointCount: endpoints.count)
    }

    /// Closes the idle connections; running calls end by themselves.
    public func close() {
        pool.closeIdle()
    }

    /// The JSON document at `path`, such as `/apis/blixard.dev/v1/nodes`.
    ///
    /// - Parameters:
    ///   - query: Encoded by the client.
    ///   - accept: For tables, `MediaType.table`.
    /// - Throws: `ClientFailure`: no endpoint answered, one answered with an error, or the answer is no JSON.
    public func get(
        _ path: String, query: [(String, String)] = [], accept: String = MediaType.json
    ) async throws(ClientFailure) -> JSON {
        try Self.parse(try await document(path, query: query, accept: accept))
    }

    /// As `get`, but the bytes as they came.
    ///
    /// - Throws: `ClientFailure` if no endpoint answered, or one answered with an error.
    public func document(
        _ path: String, query: [(String, String)] = [], accept: String = MediaType.json
    ) async throws(ClientFailure) -> [UInt8] {
        try await read(ClientRequest(method: "GET", path: path, query: query, accept: accept))
    }

    /// The answer to a question that takes a body and changes nothing, read as `get` reads: `POST` of a plan.
    ///
    /// - Throws: As `get`.
    public func ask(_ path: String, body: JSON) async throws(ClientFailure) -> JSON {
        try Self.parse(
            try await read(
                ClientRequest(
                    method: "POST", path: path, query: [], accept: MediaType.json, contentType: MediaType.json,
                    body: body.canonicalBytes)))
    }

    /// Sends a request that may change something.
    ///
    /// - Parameters:
    ///   - method: `POST`, `PUT`, `PATCH` or `DELETE`.
    ///   - contentType: `application/json` unless given; merge patches need `MediaType.mergePatch`.
    ///   - request: Travels in the header `Blixard-Request` (bodies that carry it must carry the same). With it the
    ///     request is sent again after a lost answer; without it, it is sent once. Writes of objects may have one, for
    ///     the cluster keeps their first answer, and so may requests that say what they were meant for so well that a
    ///     second one changes nothing.
    ///   - baseRevision: Travels in the header `Blixard-Base-Revision`.
    /// - Returns: The answer; `null` for an empty one.
    /// - Throws: `ClientFailure`; after `ClientFailure.lostAnswer` it may have taken effect.
    public func send(
        _ method: String, _ path: String, query: [(String, String)] = [], body: JSON?,
        contentType: String = MediaType.json, request: RequestID?, baseRevision: UInt64? = nil
    ) async throws(ClientFailure) -> JSON {
        var headers: [(String, String)] = []
        if let request { headers.append((HeaderName.request.rawValue, request.description)) }
        if let baseRevision { headers.append((HeaderName.baseRevision.rawValue, String(baseRevision))) }
        let bytes = try await write(
            ClientRequest(
                method: method, path: path, query: query, accept: MediaType.json, headers: headers,
                contentType: body == nil ? nil : contentType, body: body?.canonicalBytes ?? []),
            request: request)
        return bytes.isEmpty ? .null : try Self.parse(bytes)
    }

    /// A watch: one JSON value for each line. Ends when the server ends it; throws `ClientFailure` when it breaks.
    ///
    /// No more than one value is read ahead; ending the iteration closes the connection.
    public func lines(
        _ path: String, query: [(String, String)], accept: String = MediaType.json
    ) async throws(ClientFailure) -> LineSequence {
        try await lines(path, query: query, accept: accept, atMostMilliseconds: nil)
    }

    /// A watch that is taken for lost when the server has not ended it after so long.
    ///
    /// - Throws: `ClientFailure` if no endpoint began an answer; the iteration throws what comes later.
    public func lines(
        _ path: String, query: [(String, String)], accept: String, atMostMilliseconds: Int64?
    ) async throws(ClientFailure) -> LineSequence {
        LineSequence(
            chunks: try await open(
                ClientRequest(method: "GET", path: path, query: query, accept: accept),
                silenceMilliseconds: timeouts.silenceMilliseconds, atMostMilliseconds: atMostMilliseconds))
    }

    /// Raw bytes as they come: console logs.
    ///
    /// - Throws: `ClientFailure` if no endpoint began an answer; the iteration throws what comes later.
    public func bytes(
        _ path: String, query: [(String, String)]
    ) async throws(ClientFailure) -> ByteAnswer {
        try await open(
            ClientRequest(method: "GET", path: path, query: query, accept: "*/*"), silenceMilliseconds: nil,
            atMostMilliseconds: nil)
    }

    /// The endpoint that the next request tries first: the one that answered last.
    public var preferredEndpoint: Endpoint? { pool.order.first.map { endpoints[$0] } }
}
