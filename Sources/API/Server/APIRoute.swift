import Contract
import HTTPTypes
import Hummingbird

/// One route of the API as data: what is asked, which callers may ask it, and what answers.
struct APIRoute: Sendable {
    typealias Handler = @Sendable (APIRoutes, Request, APIContext) async throws -> Response

    /// Which callers may use a route.
    enum Admission: Equatable, Sendable {
        /// Every key that has proved itself, admitted or not: what is answered tells nothing of the cluster, or the
        /// request proves its right by what it carries.
        case everyKey
        /// A key whose role allows it.
        case role(APIRoutes.Access)
    }

    let method: HTTPRequest.Method
    /// As the router writes paths: `:name` stands for one part of any text.
    let path: String
    let admission: Admission
    let handler: Handler

    init(_ method: HTTPRequest.Method, _ path: String, _ admission: Admission, _ handler: @escaping Handler) {
        self.method = method
        self.path = path
        self.admission = admission
        self.handler = handler
    }

    init(_ method: HTTPRequest.Method, _ path: OwnPath, _ admission: Admission, _ handler: @escaping Handler) {
        self.init(method, path.pattern, admission, handler)
    }

    /// Whether a `dryRun` of the request means something: it only reads, or is a write that can be judged and not
    /// recorded.
    var canBeRehearsed: Bool {
        method == .get || path.hasPrefix(DiscoveryPath.resources.pattern + "/") || Self.rehearsed.contains(path)
    }

    private static let rehearsed = [OwnPath.apply, .delete, .plan].map(\.pattern)

    /// The method in its usual letters.
    var verb: String { method.rawValue }
}
