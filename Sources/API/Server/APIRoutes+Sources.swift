import Contract
import Fleet
import Hummingbird

extension APIRoutes {
    /// Has the leader fetch a Git repository now; the fetch itself takes longer than the answer.
    func reconcile(_ request: Request, _ context: APIContext) async throws -> Response {
        var generator = SystemRandomNumberGenerator()
        let answer = try await backend.reconcile(
            source: context.value(of: .name) ?? "", request: .random(using: &generator), author: context.peer)
        return .json(answer, status: .accepted)
    }
}
