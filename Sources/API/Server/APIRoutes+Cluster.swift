import Contract
import Hummingbird
import JSONText

extension APIRoutes {
    /// The cluster as it is known; always answers, without a quorum from what this node knows by itself.
    func cluster(_ request: Request, _ context: APIContext) async throws -> Response {
        let wanted = try ReadConsistency(query: try query(request))
        try context.output.reserve(limits.wholeAnswerBytes)
        let view: ClusterView
        do throws(APIStatus) {
            view = try await backend.view(wanted)
        } catch {
            view = try await backend.view(.stale)
        }
        return .json(view.state(answeredBy: backend.localNode))
    }

    /// What this very node observes.
    func observed(_ request: Request, _ context: APIContext) async throws -> Response {
        try context.output.reserve(limits.wholeAnswerBytes)
        return .json(await backend.observed())
    }

    /// Ends this very node.
    func shutdown(_ request: Request, _ context: APIContext) async throws -> Response {
        let body = try ShutdownRequest(json: try await body(request, context, largest: limits.smallBodyBytes))
        await backend.shutdown(stopMachines: body.stopsMachines)
        return .json(
            SuccessStatus(message: body.stopsMachines ? "the node stops its machines and ends" : "the node ends"),
            status: .accepted)
    }
}
