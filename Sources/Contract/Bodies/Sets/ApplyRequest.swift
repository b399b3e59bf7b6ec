public import Fleet
public import JSONText
import Primitives

/// The body of `POST /blixard/v1/apply`: manifests that become the desired state as one entry, or none of them.
public struct ApplyRequest: RequestBody {
    public var identity: WriteIdentity
    /// Manifests as they were read; the server validates them. At most `Limits.objectsPerApply`.
    public var documents: [JSON]
    /// What errors call each document, such as `cluster.json:12`; may be shorter or empty.
    public var sources: [String]
    /// How the set is applied whose members the documents are; nil if there is no more to say than what a ManifestSet
    /// among the documents says.
    public var set: SetRequest?
    /// What a plan of this very apply saw: it is refused where that has moved.
    public var expectation: WriteExpectation?
    /// The id of the cluster that was planned for; any if it is nil.
    public var cluster: String?

    public init(
        identity: WriteIdentity, documents: [JSON], sources: [String], set: SetRequest? = nil,
        expectation: WriteExpectation? = nil
    ) {
        self.identity = identity
        self.documents = documents
        self.sources = sources
        self.set = set
        self.expectation = expectation
    }

    /// - Throws: 400 for a member that is missing, wrong or not known; 413 for too many documents.
    public init(json: JSON) throws(APIStatus) {
        identity = try WriteIdentity(body: json)
        _ = try json.fields(["documents", "sources", "set", "expected", "cluster"])
        guard let documents = json["documents"]?.array else {
            throw APIStatus(.badRequest, "the body must have \"documents\", an array of manifests")
        }
        guard documents.count <= Limits.objectsPerApply else {
            throw APIStatus(
                .requestEntityTooLarge,
                "documents: Too many: \(documents.count): must have at most \(Limits.objectsPerApply) items")
        }
        self.documents = documents
        sources = try json.texts("sources")
        set = try json.nested("set").map(SetRequest.init(json:))
        cluster = try json.text("cluster")
        expectation = try json.nested("expected").map(WriteExpectation.init(json:))
    }

    public var json: JSON {
        var json = identity.json
        json["documents"] = .array(documents)
        if !sources.isEmpty { json["sources"] = .array(sources.map { .string($0) }) }
        json["set"] = set?.json
        json["expected"] = expectation?.json
        json["cluster"] = cluster.map { .string($0) }
        return json
    }
}

/// The body of `POST /blixard/v1/plan`: the documents of an apply, to learn what it would change and cause; or nothing,
/// to learn what the loops would do now.
public struct PlanRequest: RequestBody {
    /// Nil for no apply. Its identity has no meaning here.
    public var apply: ApplyRequest?

    public init(apply: ApplyRequest?) {
        self.apply = apply
    }

    /// - Throws: As ``ApplyRequest/init(json:)`` if there are documents.
    public init(json: JSON) throws(APIStatus) {
        let hasDocuments = json["documents"].map { !$0.isNull } ?? false
        apply = hasDocuments ? try ApplyRequest(json: json) : nil
    }

    public var json: JSON { apply?.json ?? [:] }
}
