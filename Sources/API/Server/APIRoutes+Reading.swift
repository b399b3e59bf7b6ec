import Contract
import HTTPTypes
import Hummingbird
import JSONText
import Manifest
import NIOCore

extension HeaderName {
    /// As HTTP's library names it.
    var field: HTTPField.Name {
        guard let name = HTTPField.Name(rawValue) else { preconditionFailure("\(rawValue) is no name of a header") }
        return name
    }
}

extension APIContext {
    /// What a request's path has in that place; nil if its route has no such place.
    func value(of parameter: PathParameter) -> String? { parameters.get(parameter.rawValue) }
}

extension APIRoutes {
    /// The kind that a path names, and in which namespace.
    struct Resource {
        let kind: KindInfo
        /// Nil for all namespaces, and for kinds that have none.
        let namespace: String?

        /// - Throws: 404 where the path leads to no resource.
        init(_ context: APIContext) throws(APIStatus) {
            let plural = context.value(of: .plural) ?? ""
            namespace = context.value(of: .namespace)
            guard let kind = KindInfo.all.first(where: { $0.plural == plural }), kind.namespaced || namespace == nil
            else {
                throw APIStatus(.notFound, "the server could not find the requested resource")
            }
            self.kind = kind
        }

        /// The object that the path names.
        func key(_ context: APIContext) throws(APIStatus) -> ObjectKey {
            guard !kind.namespaced || namespace != nil, let name = context.value(of: .name) else {
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
    /// The caller is judged first: a body costs as much memory as it has bytes.
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
        try writeOptions(request, query: query, stated: WriteIdentity(body: body))
    }

    /// - Parameter stated: What the body says; the headers count where it says nothing.
    func writeOptions(
        _ request: Request, query: QueryItems, stated: WriteIdentity
    ) throws(APIStatus) -> WriteOptions {
        let headers = try WriteIdentity(
            requestText: stated.request == nil ? request.headers[HeaderName.request.field] : nil,
            baseRevisionText: stated.baseRevision == nil ? request.headers[HeaderName.baseRevision.field] : nil)
        return try WriteOptions(
            query: query,
            identity: WriteIdentity(
                request: stated.request ?? headers.request, baseRevision: stated.baseRevision ?? headers.baseRevision))
    }
}
