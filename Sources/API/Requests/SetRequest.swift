import Fleet
import JSONText
import Manifest
import Primitives

/// The body of `POST /blixard/v1/apply` and `/plan`.
struct ApplyRequest {
    let documents: [JSON]
    let sources: [String]

    init(body: JSON) throws(APIStatus) {
        try body.refuseMembers(besides: ["documents", "sources"] + SetRequest.members)
        guard let documents = body["documents"]?.array else {
            throw APIStatus(.badRequest, "the body must have \"documents\", an array of manifests")
        }
        guard documents.count <= Limits.objectsPerApply else {
            throw APIStatus(
                .requestEntityTooLarge,
                "documents: Too many: \(documents.count): must have at most \(Limits.objectsPerApply) items")
        }
        self.documents = documents
        sources = body["sources"]?.array?.map { $0.string ?? "" } ?? []
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
        try body.refuseMembers(besides: ["objects", "ignoreNotFound", "gracePeriodSeconds"] + SetRequest.members)
        let ignoresMissing = body["ignoreNotFound"]?.bool ?? false
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
            let namespace = object["namespace"]?.string ?? KindInfo.defaultNamespace
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

/// What the bodies of all requests for several objects have.
enum SetRequest {
    static let members = ["request", "baseRevision"]
}

extension JSON {
    /// Refuses what would be passed over: it may be what was to keep the request from doing anything.
    fileprivate func refuseMembers(besides known: [String]) throws(APIStatus) {
        for member in object ?? JSONObject() where !known.contains(member.key) {
            throw APIStatus(
                .badRequest,
                "strict decoding error: unknown field \"\(member.key)\"; known are "
                    + known.sorted().joined(separator: ", "))
        }
    }
}
