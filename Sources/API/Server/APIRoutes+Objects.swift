import Contract
import Fleet
import Hummingbird
import JSONText
import Manifest
import NIOCore

extension APIRoutes {
    func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let resource = try Resource(context)
        let query = try query(request)
        let list = try ListRequest(
            kind: resource.kind, namespace: resource.namespace, query: query, accept: request.headers[.accept] ?? "")
        if query.isTrue(.watch) {
            return try await watch(try WatchRequest(list: list, query: query), request, context)
        }
        let view = try await backend.view(list.consistency)
        let items = list.items(in: view)
        var pieces = ListPieces(items, request: list, view: view, specs: specs, pieceBytes: limits.pieceBytes)
        let first = pieces.next()
        if pieces.isDone { return .json(first) }
        // A long list is rendered as it is read. Until then the objects of this moment are kept.
        try context.output.hold(
            items.heldBytes, ofQuestion: request.uri.description, at: view.fleet.revision)
        return Response(
            status: .ok, headers: [.contentType: MediaType.json, .cacheControl: "no-store"],
            body: ResponseBody { [pieces] writer in
                var pieces = pieces
                try await writer.write(ByteBuffer(bytes: first))
                while !pieces.isDone {
                    let bytes: [UInt8]
                    (bytes, pieces) = await Self.beside(pieces) { $0.next() }
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
                try await writer.finish(nil)
            })
    }

    /// Runs what takes a while beside the connections' event loops, which serve others too.
    static func beside<Value: Sendable, Result: Sendable>(
        _ value: Value, _ body: @escaping @Sendable (inout Value) -> Result
    ) async -> (Result, Value) {
        await withTaskExecutorPreference(globalConcurrentExecutor) {
            var value = value
            let result = body(&value)
            return (result, value)
        }
    }

    func get(_ request: Request, _ context: APIContext) async throws -> Response {
        let resource = try Resource(context)
        let key = try resource.key(context)
        let query = try query(request)
        let view = try await backend.view(try ReadConsistency(query: query))
        let table = try TableObjects(accept: request.headers[.accept] ?? "", query: query)
        let item: ListedItems
        if resource.kind == .event {
            let event = view.fleet.events(for: nil).first { EventRenderer.key(of: $0) == key }
            guard let event else { throw APIStatus.notFound(key) }
            item = .events([event])
        } else {
            guard let object = view.fleet[key] else { throw APIStatus.notFound(key) }
            item = .objects([object])
        }
        return .json(Self.render(item, of: resource.kind, view: view, specs: specs, table: table))
    }

    func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let resource = try writableResource(context)
        guard !resource.kind.namespaced || resource.namespace != nil else {
            throw APIStatus(.notFound, "the server could not find the requested resource")
        }
        let query = try query(request)
        let body = try await body(request, context, largest: limits.bodyBytes)
        let document = try Admission.document(
            body, kind: resource.kind, namespace: resource.namespace ?? "", name: nil)
        let put = try Admission.put(document, precondition: .absent, sealer: backend.sealer)
        let options = try writeOptions(request, query: query, body: .null)
        return try await write(.put(put), options, context, created: .created)
    }

    func replace(_ request: Request, _ context: APIContext) async throws -> Response {
        let resource = try writableResource(context)
        let key = try resource.key(context)
        let query = try query(request)
        let body = try await body(request, context, largest: limits.bodyBytes)
        let document = try Admission.document(body, kind: resource.kind, namespace: key.namespace, name: key.name)
        let options = try writeOptions(request, query: query, body: .null)
        return try await change(key, statedBy: body, options, context) { _ in document }
    }

    func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        let resource = try writableResource(context)
        let key = try resource.key(context)
        let query = try query(request)
        let body = try await body(request, context, largest: limits.smallBodyBytes)
        let wishes = try DeleteOptions(body: body, query: query)
        var deletion = Delete(
            key: key, uid: wishes.uid, resourceVersion: wishes.resourceVersion, graceSeconds: wishes.graceSeconds,
            ignoreMissing: false)
        if key.kind == KindInfo.manifestSet.kind { deletion.cascade = wishes.cascade }
        return try await write(
            .delete(deletion), try writeOptions(request, query: query, body: .null).dry(wishes.isDryRun), context,
            created: .ok)
    }

    func writableResource(_ context: APIContext) throws(APIStatus) -> Resource {
        let resource = try Resource(context)
        guard !resource.kind.isReadOnly else {
            throw APIStatus(.methodNotAllowed, "\(resource.kind.plural) are written by the cluster alone")
        }
        return resource
    }

    /// The object as a user could have written it, from its normal form: what is not in it stands at its default.
    static func manifest(of object: FleetObject) -> JSON {
        var metadata: JSON = ["name": .string(object.key.name)]
        if !object.key.namespace.isEmpty { metadata["namespace"] = .string(object.key.namespace) }
        for (name, map) in [("labels", object.labels), ("annotations", object.annotations)] where !map.isEmpty {
            metadata[name] = .object(
                JSONObject(
                    uniqueMembers: map.sorted { $0.key < $1.key }.map {
                        JSONObject.Member(key: $0.key, value: .string($0.value))
                    }))
        }
        return [
            "apiVersion": .string(KindInfo.apiVersion), "kind": .string(object.key.kind), "metadata": metadata,
            // Canonical text always reads.
            "spec": (try? JSON(parsing: object.spec)) ?? [:],
        ]
    }

    static func render(
        _ items: ListedItems, of kind: KindInfo, view: ClusterView, specs: FullSpecCache, table: TableObjects?
    ) -> [UInt8] {
        let renderer = ObjectRenderer(view: view, specs: specs, isForOne: true)
        var output = JSONOutput(capacity: 2048)
        if let table {
            TableWriter(renderer: renderer, objects: table).append(
                items, of: kind, resourceVersion: view.fleet.revision, annotations: view.stalenessAnnotations,
                to: &output)
            return output.bytes
        }
        switch items {
        case .objects(let objects): for object in objects { renderer.append(object, to: &output) }
        case .events(let events): for event in events { EventRenderer.append(event, to: &output) }
        }
        return output.bytes
    }
}
