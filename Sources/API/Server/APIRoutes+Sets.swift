import Contract
import Hummingbird
import JSONText

extension APIRoutes {
    /// All documents as one entry.
    func apply(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try query(request)
        let body = try await body(request, context, largest: limits.bodyBytes)
        let options = try writeOptions(request, query: query, body: body)
        let mutations = try ApplyRequest(body: body).mutations()
        let answer = try await record(mutations, options, context)
        return .json(answer.json(request: options.request, dryRun: options.isDryRun))
    }

    /// All deletions as one entry.
    func deleteSet(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try query(request)
        let body = try await body(request, context, largest: limits.bodyBytes)
        let options = try writeOptions(request, query: query, body: body)
        let answer = try await record(try DeleteRequest(body: body).mutations, options, context)
        return .json(answer.json(request: options.request, dryRun: options.isDryRun))
    }

    /// What an apply would change and what would follow; without documents, what the loops would do now.
    func plan(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try await body(request, context, largest: limits.bodyBytes)
        let hasDocuments = body["documents"].map { !$0.isNull } ?? false
        let mutations = hasDocuments ? try ApplyRequest(body: body).mutations() : nil
        try context.output.reserve(limits.wholeAnswerBytes + context.body.takenBytes)
        return .json(try await backend.plan(mutations: mutations).json)
    }
}
