import Contract
import HTTPTypes
import Hummingbird
import JSONText
import Manifest
import NIOCore

extension HTTPField.Name {
    static let blixardRequest = HTTPField.Name("Blixard-Request")!
    static let blixardBaseRevision = HTTPField.Name("Blixard-Base-Revision")!
    static let blixardStatus = HTTPField.Name("Blixard-Status")!
    static let blixardOffset = HTTPField.Name("Blixard-Offset")!
    static let blixardNextOffset = HTTPField.Name("Blixard-Next-Offset")!
    static let blixardKeptOffset = HTTPField.Name("Blixard-Kept-Offset")!
    static let blixardEndOffset = HTTPField.Name("Blixard-End-Offset")!
}

extension APIRoutes {
    /// The kind that a path names, and in which namespace.
    struct Resource {
        let kind: KindInfo
        /// Nil for all namespaces, and for kinds that have none.
        let namespace: String?

        /// - Throws: 404 where the path leads to no resource.
        init(_ context: APIContext) throws(APIStatus) {
            let plural = context.parameters.get("plural") ?? ""
            namespace = context.parameters.get("namespace")
            guard let kind = KindInfo.all.first(where: { $0.plural == plural }), kind.namespaced || namespace == nil
            else {
                throw APIStatus(.notFound, "the server could not find the requested resource")
            }
            self.kind = kind
        }

        /// The object that the path names.
        func key(_ context: APIContext) throws(APIStatus) -> ObjectKey {
            guard !kind.namespaced || namespace != nil, let name = context.parameters.get("name") else {
                throw APIStatus(.notFound, "the server could not find the requested resource")
            }
            return kind.key(namespace: namespace ?? "", name: name)
        }
    }

    func query(_ request: Request) throws(APIStatus) -> QueryItems {
        let query = try QueryItems(request.uri.query)
        if let name = query.emptyParameter {
            throw APIStatus(.badRequest, "query parameter \(name): must not be empty")
        }
        return query
    }

    /// The request's body as JSON; `null` for an empty one. Its content type is not asked: some clients send none.
    ///
    /// Who asks is judged first: a body costs as much memory as it has bytes.
    ///
    /// - Parameter largest: In bytes; `limits.bodyBytes` for what may hold many objects, `limits.smallBodyBytes` for
    ///   everything else.
    func body(_ request: Request, _ context: APIContext, largest: Int) async throws -> JSON {
        let read = try await BodyReader(limits: limits).read(request, context, largest: largest)
        guard let bytes = read else {
            throw APIStatus(.requestEntityTooLarge, "the body may have at most \(largest) bytes")
        }
        if bytes.isEmpty { return .null }
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw APIStatus(.badRequest, "the body is no JSON: \(error)")
        }
    }

    func writeOptions(_ request: Request, query: QueryItems, body: JSON) throws(APIStatus) -> WriteOptions {
        var base = body["baseRevision"]?.integer.map(String.init)
        if base == nil { base = try body.text("baseRevision") }
        return try WriteOptions(
            query: query,
            headers: (request.headers[.blixardRequest], request.headers[.blixardBaseRevision]),
            request: try body.text("request"),
            baseRevision: base)
    }
}
