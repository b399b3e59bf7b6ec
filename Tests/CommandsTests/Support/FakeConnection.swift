import Contract
import JSONText
import Synchronization

@testable import Commands

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

    typealias Responder = @Sendable (Call) throws(ClientFailure) -> JSON

    private let state = Mutex<[Call]>([])
    private let respond: Responder
    /// Nil when watches tell what reads would answer.
    private let streams: Mutex<[Stream]?>
    private let log: Log

    /// A console log that the test has scripted.
    struct Log {
        var pieces: [[UInt8]] = []
        var offset: Int64 = 0
        var keptOffset: Int64 = 0
        var endOffset: Int64?
    }

    /// A watch that the test has scripted, or why there is none.
    struct Stream {
        var lines: [JSON] = []
        /// The last word of the path of the watch that it answers; nil for whichever comes first.
        var plural: String?
        /// Whether it goes on behind its lines, with nothing to tell.
        var staysOpen = false
        var failure: ClientFailure?
        /// What ends it behind its lines, if it does not end by itself.
        var loss: ClientFailure?
    }

    /// A connection whose watches tell what reads answer, and end.
    convenience init(log: Log = Log(), respond: @escaping Responder) {
        self.init(streams: nil, log: log, respond: respond)
    }

    convenience init(streams: [[JSON]], respond: @escaping Responder) {
        self.init(streams: streams.map { Stream(lines: $0) }, log: Log(), respond: respond)
    }

    convenience init(watches streams: [Stream], respond: @escaping Responder) {
        self.init(streams: streams, log: Log(), respond: respond)
    }

    private init(streams: [Stream]?, log: Log, respond: @escaping Responder) {
        self.respond = respond
        self.streams = Mutex(streams)
        self.log = log
    }

    var calls: [Call] { state.withLock { $0 } }
    /// What was asked with a body.
    var questions: [Call] { calls.filter { $0.method == "ASK" } }
    /// Requests that are no reads.
    var writes: [Call] { calls.filter { !["GET", "ASK", "WATCH"].contains($0.method) } }

    func get(_ path: String, query: [(String, String)], accept: String?) async throws(ClientFailure) -> JSON {
        try answer(Call(method: "GET", path: path, query: Self.map(query), accept: accept))
    }

    func ask(_ path: String, body: JSON) async throws(ClientFailure) -> JSON {
        try answer(Call(method: "ASK", path: path, query: [:], body: body))
    }

    func send(
        _ method: String, _ path: String, query: [(String, String)], body: JSON?, contentType: String?,
        request: RequestReference?
    ) async throws(ClientFailure) -> JSON {
        try answer(
            Call(
                method: method, path: path, query: Self.map(query), body: body, contentType: contentType,
                request: request))
    }

    func lines(
        _ path: String, query: [(String, String)], accept: String?, atMostMilliseconds: Int64?
    ) async throws(ClientFailure) -> any AsyncSequence<JSON, any Error> & Sendable {
        let call = Call(method: "WATCH", path: path, query: Self.map(query), accept: accept)
        state.withLock { $0.append(call) }
        let stream = streams.withLock { streams -> Stream?? in
            guard let scripted = streams else { return .some(nil) }
            guard !scripted.isEmpty else { return nil }
            guard let next = scripted.firstIndex(where: { $0.plural.map(path.hasSuffix) ?? true }) else { return nil }
            return streams?.remove(at: next)
        }
        guard let stream else { throw .protocolViolation("the script has ended") }
        let told = if let stream { stream } else { Stream(lines: try state(of: call)) }
        if let failure = told.failure { throw failure }
        return AsyncThrowingStream { continuation in
            for line in told.lines { continuation.yield(line) }
            if !told.staysOpen { continuation.finish(throwing: told.loss) }
        }
    }

    /// What a watch of these objects begins with, by what a read of them answers.
    private func state(of watch: Call) throws(ClientFailure) -> [JSON] {
        var read = watch
        read.method = "GET"
        let name = watch.query["fieldSelector"].map { $0.dropFirst("metadata.name=".count) }
        if let name { read.path += "/\(name)" }
        var objects: [JSON] = []
        do throws(ClientFailure) {
            let answer = try respond(read)
            objects = name == nil ? answer["items"]?.array ?? [] : [answer]
        } catch {
            guard error.isNotFound else { throw error }
        }
        return objects.map { ["type": "ADDED", "object": $0] } + [Samples.initialEnd]
    }

    func bytes(
        _ path: String, query: [(String, String)]
    ) async throws(ClientFailure) -> ConsoleStream {
        state.withLock { $0.append(Call(method: "GET", path: path, query: Self.map(query))) }
        let log = log
        let count = Int64(log.pieces.reduce(0) { $0 + $1.count })
        return ConsoleStream(
            offset: log.offset, keptOffset: log.keptOffset, endOffset: log.endOffset ?? log.offset + count,
            pieces: AsyncThrowingStream { continuation in
                for piece in log.pieces { continuation.yield(piece) }
                continuation.finish()
            })
    }

    func close() async {}

    private func answer(_ call: Call) throws(ClientFailure) -> JSON {
        state.withLock { $0.append(call) }
        return try respond(call)
    }

    private static func map(_ query: [(String, String)]) -> [String: String] {
        Dictionary(query, uniquingKeysWith: { _, last in last })
    }
}

extension ClientFailure {
    static func refusal(_ reason: String, _ message: String, code: Int, details: JSON? = nil) -> ClientFailure {
        var status: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "reason": .string(reason),
            "message": .string(message), "code": .integer(Int64(code)),
        ]
        if let details { status["details"] = details }
        return .status(APIStatus(json: status, code: code))
    }

    static func notFound(_ plural: String, _ name: String) -> ClientFailure {
        .refusal("NotFound", "\(plural).blixard.dev \"\(name)\" not found", code: 404)
    }
}
