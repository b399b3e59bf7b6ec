import Contract
import Hummingbird

/// What answers the routes of ``all``.
struct APIRoutes: Sendable {
    let backend: any ClusterBackend
    let specs: FullSpecCache
    let stop: StopSignal
    let limits: HTTPLimits

    /// A caller is judged before its route sees anything of the request.
    func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: StatusErrors())
        for route in Self.all {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                if case .role(let access) = route.admission { try authorize(access, request, context) }
                if !route.canBeRehearsed { try refuseDryRun(try query(request)) }
                let response = try await route.handler(self, request, context)
                return try response.counted(
                    context.output, pieceBytes: limits.pieceBytes, mayRefuse: route.admission == .role(.read))
            }
        }
        return router
    }

    /// Refuses a dry run of what can't be rehearsed, where passing it over would do the thing itself.
    private func refuseDryRun(_ query: QueryItems) throws(APIStatus) {
        guard try !WriteOptions.isDryRun(query) else {
            throw APIStatus(.badRequest, "dryRun is not supported here: this request can't be rehearsed")
        }
    }
}
