import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// The body of `POST /blixard/v1/apply` and `/plan`.
struct ApplyRequest {
    let documents: [JSON]
    let sources: [String]

    init(body: JSON) throws(APIStatus) {
        _ = try body.fields(["documents", "sources"])
        guard let documents = body["documents"]?.array else {
            throw APIStatus(.badRequest, "the body must have \"documents\", an array of manifests")
        }
        guard documents.count <= Limits.objectsPerApply else {
            throw APIStatus(
                .requestEntityTooLarge,
                "documents: Too many: \(documents.count): must have at most \(Limits.objectsPerApply) items")
        }
        self.documents = documents
        sources = try body.texts("sources")
    }

    func mutations() throws(APIStatus) -> [Mutation] {
        guard !documents.isEmpty else { throw APIStatus(.badRequest, "no objects passed to apply") }
        return try Admission.mutations(documents: documents, sources: sources)
    }
}

/// The body of `POST /blixard/v1/delete`.
struct DeleteRequest {
    let mutations: [Mutation]

    init(body: JSON) throws(APIStatus) {
        guard let objects = body["objects"]?.array, !objects.isEmpty else {
            throw APIStatus(.badRequest, "the body must have \"objects\", an array of kind, namespace and name")
        }
        _ = try body.fields(["objects", "ignoreNotFound", "gracePeriodSeconds"])
        let ignoresMissing = try body.flag("ignoreNotFound")
        let grace = try DeleteOptions.graceSeconds(body["gracePeriodSeconds"])
        var mutations: [Mutation] = []
        for (position, object) in objects.enumerated() {
            try object.refuseMembers(besides: ["kind", "namespace", "name"])
            guard let word = object["kind"]?.string, let kind = KindInfo.named(word), !kind.isReadOnly else {
                let known = KindInfo.writable.map { "\"\($0.kind)\"" }.joined(separator: ", ")
                throw APIStatus(.badRequest, "objects[\(position)].kind: supported values: \(known)")
            }
            guard let name = object["name"]?.string, !name.isEmpty else {
                throw APIStatus(.badRequest, "objects[\(position)].name: Required value")
            }
            let namespace = try object.text("namespace") ?? KindInfo.defaultNamespace
            guard !kind.namespaced || !namespace.isEmpty else {
                throw APIStatus(.badRequest, "objects[\(position)].namespace: must not be empty")
            }
            let key = kind.key(namespace: namespace, name: name)
            mutations.append(
                .delete(
                    Delete(key: key, uid: nil, resourceVersion: nil, graceSeconds: grace, ignoreMissing: ignoresMissing)
                ))
        }
        self.mutations = mutations
    }
}
