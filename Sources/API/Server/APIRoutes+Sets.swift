import Contract
import Fleet
import Hummingbird
import JSONText

extension APIRoutes {
    /// All documents as one entry.
    func apply(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try query(request)
        let body = try ApplyRequest(json: try await body(request, context, largest: limits.bodyBytes))
        if let planned = body.cluster, planned != backend.localNode.clusterID {
            throw APIStatus(
                .conflict,
                "the plan was made for the cluster \(planned), and this is the cluster \(backend.localNode.clusterID)")
        }
        let options = try writeOptions(request, query: query, stated: body.identity)
        let answer = try await record(try Admission.change(of: body), options, context)
        return .json(WriteReport(answer: answer, isDryRun: options.isDryRun, request: options.request))
    }

    /// All deletions as one entry.
    func deleteSet(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try query(request)
        let body = try DeleteRequest(json: try await body(request, context, largest: limits.bodyBytes))
        let options = try writeOptions(request, query: query, stated: body.identity)
        let answer = try await record(DesiredChange(Admission.mutations(of: body)), options, context)
        return .json(WriteReport(answer: answer, isDryRun: options.isDryRun, request: options.request))
    }

    /// What an apply would change and what would follow; without documents, what the loops would do now.
    func plan(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try PlanRequest(json: try await body(request, context, largest: limits.bodyBytes))
        let change = try body.apply.map { (apply) throws(APIStatus) in try Admission.change(of: apply) }
        try context.output.reserve(limits.wholeAnswerBytes + context.body.takenBytes)
        return .json(try await backend.plan(change))
    }
}
