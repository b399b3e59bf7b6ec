import Commands
import JSONText
import Synchronization

/// Answers requests from a closure and remembers them.
final class FakeConnection: ClusterConnection {
    struct Call: Sendable {
        var method: String
        var path: String
        var query: [String: String]
        var body: JSON?
        var accept: String?
        var contentType: String?
        var request: RequestReference?

        var wantsTable: Bool { accept?.contains("as=Table") ?? false }
    }

    typealias Responder = @Sendable (Call) throws(ConnectionFailure) -> JSON

    private let state = Mutex<[Call]>([])
    private let respond: Responder
    private let streams: Mutex<[Stream]>
    private let log: [[UInt8]]

    /// A watch that the test has scripted, or why there is none.
    struct Stream {
        var lines: [JSON] = []
        var failure: ConnectionFailure?
    }

    convenience init(streams: [[JSON]] = [], log: [[UInt8]] = [], respond: @escaping Responder) {
        self.init(watches: streams.map { Stream(lines: $0) }, log: log, respond: respond)
    }

    init(watches streams: [Stream], log: [[UInt8]] = [], respond: @escaping Responder) {
        self.respond = respond
        self.streams = Mutex(streams)
        self.log = log
    }

    var calls: [Call] { state.withLock { $0 } }
    /// What was asked with a body.
    var questions: [Call] { calls.filter { $0.method == "ASK" } }
    /// Requests that are no reads.
    var writes: [Call] { calls.filter { !["GET", "ASK", "WATCH"].contains($0.method) } }

    func get(_ path: String, query: [(String, String)], accept: String?) async throws(ConnectionFailure) -> JSON {
        try answer(Call(method: "GET", path: path, query: Self.map(query), accept: accept))
    }

    func ask(_ path: String, body: JSON) async throws(ConnectionFailure) -> JSON {
        try answer(Call(method: "ASK", path: path, query: [:], body: body))
    }

    func send(
        _ method: String, _ path: String, query: [(String, String)], body: JSON?, contentType: String?,
        request: RequestReference?
    ) async throws(ConnectionFailure) -> JSON {
        try answer(
            Call(
                method: method, path: path, query: Self.map(query), body: body, contentType: contentType,
                request: request))
    }

    func lines(
        _ path: String, query: [(String, String)], accept: String?
    ) async throws(ConnectionFailure) -> any AsyncSequence<JSON, any Error> & Sendable {
        state.withLock { $0.append(Call(method: "WATCH", path: path, query: Self.map(query), accept: accept)) }
        let stream = streams.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let stream else { throw .protocolViolation("the script has ended") }
        if let failure = stream.failure { throw failure }
        return AsyncThrowingStream { continuation in
            for line in stream.lines { continuation.yield(line) }
            continuation.finish()
        }
    }

    func bytes(
        _ path: String, query: [(String, String)]
    ) async throws(ConnectionFailure) -> any AsyncSequence<[UInt8], any Error> & Sendable {
        state.withLock { $0.append(Call(method: "GET", path: path, query: Self.map(query))) }
        let pieces = log
        return AsyncThrowingStream { continuation in
            for piece in pieces { continuation.yield(piece) }
            continuation.finish()
        }
    }

    func close() async {}

    private func answer(_ call: Call) throws(ConnectionFailure) -> JSON {
        state.withLock { $0.append(call) }
        return try respond(call)
    }

    private static func map(_ query: [(String, String)]) -> [String: String] {
        Dictionary(query, uniquingKeysWith: { _, last in last })
    }
}

extension ConnectionFailure {
    static func refusal(_ reason: String, _ message: String, code: Int, details: JSON? = nil) -> ConnectionFailure {
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "reason": .string(reason),
            "message": .string(message), "code": .integer(Int64(code)),
        ]
        if let details { status["details"] = details }
        return .status(status, code: code)
    }

    static func notFound(_ plural: String, _ name: String) -> ConnectionFailure {
        .refusal("NotFound", "\(plural).blixard.dev \"\(name)\" not found", code: 404)
    }
}
