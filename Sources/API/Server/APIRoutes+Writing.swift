import Contract
import Fleet
import HTTPTypes
import Hummingbird
import JSONText
import Manifest
import Primitives

extension APIRoutes {
    /// How often a change that says nothing of versions is tried while other writers are quicker.
    private static let changeAttempts = 6

    /// Replaces an existing object by what `edit` makes of it.
    ///
    /// - Parameter statement: What the client sent: its uid and resource version, if it says any, must be the object's.
    func change(
        _ key: ObjectKey, statedBy statement: JSON, _ options: WriteOptions, _ context: APIContext,
        edit: (FleetObject) throws(APIStatus) -> ManifestDocument
    ) async throws -> Response {
        guard statement["metadata"]?["uid"]?.string != "" else {
            throw APIStatus(.badRequest, "metadata.uid: must not be empty")
        }
        let statedVersion = statement["metadata"]?["resourceVersion"]?.string
        let stated = try statedVersion.flatMap { (text) throws(APIStatus) in
            text.isEmpty ? nil : try DeleteOptions.resourceVersion(text)
        }
        // What this node has applied is nearly always the newest, and the version that goes along proves it when the
        // change is recorded. A reason against the change only counts in a confirmed state.
        var likely: Put?
        if !options.isDryRun, let object = backend.appliedObject(key), stated == nil || stated == object.resourceVersion
        {
            likely = try? put(object, statedBy: statement, version: stated, edit)
        }
        // What counts is what was sent, and not how often the state was read: a client's own repetition walks the same
        // ids, whatever the node that it comes to has applied.
        var attempt = 0
        while true {
            attempt += 1
            let put: Put
            if let first = likely {
                put = first
                likely = nil
            } else {
                guard let object = try await backend.view(.linearizable).fleet[key] else {
                    throw APIStatus.notFound(key)
                }
                put = try self.put(object, statedBy: statement, version: stated, edit)
            }
            do {
                return try await write(.put(put), options.attempt(attempt), context, created: .ok)
            } catch let status as APIStatus
                where status.isVersionConflict && stated == nil && attempt < Self.changeAttempts
            {
                continue
            }
        }
    }

    /// What replaces an object, provided that it is the one the client means.
    ///
    /// The fleet judges a stated version; without one, the object must still be the one that was edited.
    private func put(
        _ object: FleetObject, statedBy statement: JSON, version: UInt64?,
        _ edit: (FleetObject) throws(APIStatus) -> ManifestDocument
    ) throws(APIStatus) -> Put {
        if let stated = statement["metadata"]?["uid"]?.string, stated != object.uid.description {
            throw APIStatus(
                .conflict,
                "Operation cannot be fulfilled on \(object.key.qualifiedName): the uid of the request, \(stated), is "
                    + "not that of the object, \(object.uid)", key: object.key)
        }
        return try Admission.put(
            try edit(object), precondition: .resourceVersion(version ?? object.resourceVersion), sealer: backend.sealer)
    }

    /// Records one mutation, or only says what it would do, and answers the object as it is then.
    func write(
        _ mutation: Mutation, _ options: WriteOptions, _ context: APIContext, created: HTTPResponse.Status
    ) async throws -> Response {
        if options.isDryRun {
            let rehearsal = try await rehearse(DesiredChange([mutation]), options, context)
            return respond(to: rehearsal.answer, view: rehearsal.view, created: created)
        }
        let answer = try await record(DesiredChange([mutation]), options, context)
        return respond(to: answer, view: try await backend.view(.stale), created: created)
    }

    /// Records a change as one entry, or only says what that would do.
    func record(
        _ change: DesiredChange, _ options: WriteOptions, _ context: APIContext
    ) async throws(APIStatus) -> WriteAnswer {
        if options.isDryRun { return try await rehearse(change, options, context).answer }
        return try await backend.write(
            change, request: options.request, baseRevision: options.baseRevision, author: context.peer)
    }

    private func rehearse(
        _ change: DesiredChange, _ options: WriteOptions, _ context: APIContext
    ) async throws(APIStatus) -> Rehearsal {
        return try await backend.rehearse(
            change, request: options.request, baseRevision: options.baseRevision, author: context.peer)
    }

    private func respond(to answer: WriteAnswer, view: ClusterView, created: HTTPResponse.Status) -> Response {
        guard let result = answer.results.first else { preconditionFailure("a write of one mutation has one result") }
        let key = result.key
        let isGone = [.deleted, .cleared].contains(result.operation)
        guard !isGone, let kind = KindInfo.named(key.kind), let object = view.fleet[key], object.uid == result.uid
        else {
            return .json(SuccessStatus.json(of: result))
        }
        let body = Self.render(.objects([object]), of: kind, view: view, specs: specs, table: nil)
        return .json(body, status: result.operation == .created ? created : .ok)
    }
}

extension APIStatus {
    /// Whether another writer changed the object since it was read.
    fileprivate var isVersionConflict: Bool {
        reason == .conflict && causes.allSatisfy { $0.reason == Refusal.conflictWord }
    }
}
