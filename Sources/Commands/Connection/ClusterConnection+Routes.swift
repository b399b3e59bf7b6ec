import Contract
import JSONText

/// An answer of one of our own routes, and its JSON as it came: what a newer server added is in it too, for `-o json`.
struct Answered<Body: AnswerBody>: Sendable {
    let body: Body
    let json: JSON

    /// - Throws: ``ClientFailure/protocolViolation(_:)`` for what is no answer of the route.
    init(_ json: JSON) throws(ClientFailure) {
        body = try Body(answer: json)
        self.json = json
    }
}

// Our own routes, by the types of their bodies. Each throws ``ClientFailure``, also for an answer of another form.
extension ClusterConnection {
    func get<Body: AnswerBody>(
        _ path: OwnPath, query: [(String, String)] = []
    ) async throws(ClientFailure) -> Answered<Body> {
        try Answered(try await get(path.text, query: query, accept: nil))
    }

    /// Asks with a body, which changes nothing.
    func ask<Body: AnswerBody>(_ path: OwnPath, _ body: some RequestBody) async throws(ClientFailure) -> Answered<Body>
    {
        try Answered(try await ask(path.text, body: body.json))
    }

    func post<Body: AnswerBody>(
        _ path: OwnPath, _ body: (any RequestBody)?, request: RequestReference?
    ) async throws(ClientFailure) -> Answered<Body> {
        try Answered(
            try await send("POST", path.text, query: [], body: body?.json, contentType: nil, request: request))
    }

    func delete<Body: AnswerBody>(_ path: OwnPath) async throws(ClientFailure) -> Answered<Body> {
        try Answered(try await send("DELETE", path.text, query: [], body: nil, contentType: nil, request: nil))
    }
}
