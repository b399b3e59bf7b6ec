import Contract
import Fleet
import Hummingbird
import JSONText
import Manifest

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
        let answer = try await record(try Admission.change(of: body, sealer: backend.sealer), options, context)
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
        let change = try body.apply.map { (apply) throws(APIStatus) in
            try Admission.change(of: apply, sealer: backend.sealer)
        }
        try context.output.reserve(limits.wholeAnswerBytes + context.body.takenBytes)
        var answer = try await backend.plan(change)
        answer.secrets = (change?.mutations ?? []).compactMap(Self.sealedSecret)
        return .json(answer)
    }

    /// A Secret as a file could hold it, with sealed values; nil for everything else.
    private static func sealedSecret(_ mutation: Mutation) -> JSON? {
        guard case .put(let put) = mutation, put.key.kind == KindInfo.secret.kind,
            // It was written canonically the moment before.
            let spec = try? JSON(parsing: put.spec)
        else { return nil }
        return ManifestDocument(
            key: put.key, labels: put.labels, annotations: put.annotations, spec: spec, source: ""
        ).json
    }
}
