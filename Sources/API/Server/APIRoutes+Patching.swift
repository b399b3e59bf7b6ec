import Contract
import Fleet
import Hummingbird
import JSONText
import Manifest
import Primitives

extension APIRoutes {
    func patch(_ request: Request, _ context: APIContext) async throws -> Response {
        let resource = try writableResource(context)
        let key = try resource.key(context)
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
        guard [MediaType.mergePatch, MediaType.jsonPatch].contains(type) else {
            throw APIStatus(
                .unsupportedMediaType,
                "the body of the request was in an unknown format - accepted media types include: "
                    + "\(MediaType.mergePatch), \(MediaType.jsonPatch)")
        }
        let query = try query(request)
        let patch = try await body(request, context, largest: limits.bodyBytes)
        let options = try writeOptions(request, query: query, body: .null)
        if type == MediaType.jsonPatch {
            let operations = try Self.operations(patch)
            return try await change(key, statedBy: .null, options, context) { (object) throws(APIStatus) in
                try document(of: object, changedBy: operations, kind: resource.kind)
            }
        }
        guard patch.object != nil else { throw APIStatus(.badRequest, "the patch must be an object") }
        return try await change(key, statedBy: patch, options, context) { (object) throws(APIStatus) in
            try Admission.document(
                Self.withoutReplaced(Self.manifest(of: object).applying(mergePatch: patch)), kind: resource.kind,
                namespace: key.namespace,
                name: key.name)
        }
    }

    /// Without the sealed values of a Secret that the patch gives anew.
    private static func withoutReplaced(_ secret: JSON) -> JSON {
        var secret = secret
        guard secret["kind"] == .string(KindInfo.secret.kind), secret["spec"]?["sealed"] != nil else { return secret }
        for name in ["data", "stringData"] {
            for member in secret[name]?.object ?? [:] { secret["spec"]?["sealed"]?[member.key] = nil }
        }
        return secret
    }

    private static func operations(_ json: JSON) throws(APIStatus) -> JSONPatch {
        do throws(JSONPatchError) {
            return try JSONPatch(json: json)
        } catch {
            throw APIStatus(.badRequest, error.description)
        }
    }

    /// What a JSON patch makes of an object as clients read it: its paths are those that `GET` shows, but for the
    /// status.
    private func document(
        of object: FleetObject, changedBy patch: JSONPatch, kind: KindInfo
    ) throws(APIStatus) -> ManifestDocument {
        var shown = Self.manifest(of: object)
        // Canonical text always reads.
        shown["spec"] = (try? JSON(parsing: specs.fullSpec(of: object))) ?? [:]
        let version = String(object.resourceVersion)
        shown["metadata"]?["uid"] = .string(object.uid.description)
        shown["metadata"]?["resourceVersion"] = .string(version)
        let changed: JSON
        do throws(JSONPatchError) {
            changed = try shown.applying(patch)
        } catch {
            throw APIStatus(.invalid, "the JSON patch can't be applied: \(error)", key: object.key)
        }
        for (name, own) in [("uid", object.uid.description), ("resourceVersion", version)] {
            // What is taken away demands nothing; what is changed demands what is not so.
            guard let stated = changed["metadata"]?[name], stated != .string(own) else { continue }
            throw APIStatus(
                .conflict,
                "Operation cannot be fulfilled on \(object.key.qualifiedName): the \(name) that the patch puts in is "
                    + "not that of the object, \(own)", key: object.key)
        }
        return try Admission.document(
            Self.withoutReplaced(changed), kind: kind, namespace: object.key.namespace, name: object.key.name)
    }
}
