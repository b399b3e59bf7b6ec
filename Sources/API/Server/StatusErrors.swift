import Contract
import Hummingbird
import Logging

/// Turns whatever a route throws, and the router's own not-found, into a `Status`.
struct StatusErrors: RouterMiddleware {
    typealias Context = APIContext

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let status as APIStatus {
            return .status(status)
        } catch let error as HTTPError where error.status == .notFound {
            return .status(APIStatus(.notFound, "the server could not find the requested resource"))
        } catch let error as HTTPError {
            return .status(APIStatus(.badRequest, error.body ?? "the request can't be understood"))
        }
    }
}
