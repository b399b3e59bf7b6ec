public import Fleet
public import JSONText
public import Manifest
import Primitives

/// The body of `POST /blixard/v1/delete`: objects that are deleted as one entry, or none of them.
public struct DeleteRequest: RequestBody {
    public var identity: WriteIdentity
    /// At least one, of kinds that may be written.
    public var objects: [ObjectKey]
    /// Whether an object that does not exist is no error.
    public var ignoresMissing: Bool
    /// How long a guest has to power off before it is killed; nil for what its spec says.
    public var graceSeconds: Int?
    /// What becomes of the members of a ManifestSet among the objects; nil if nothing was said.
    public var cascade: SetCascade?

    public init(
        identity: WriteIdentity, objects: [ObjectKey], ignoresMissing: Bool, graceSeconds: Int?,
        cascade: SetCascade? = nil
    ) {
        self.identity = identity
        self.objects = objects
        self.ignoresMissing = ignoresMissing
        self.graceSeconds = graceSeconds
        self.cascade = cascade
    }

    /// - Throws: 400 for a member that is missing, wrong or not known, and for a kind that may not be written.
    public init(json: JSON) throws(APIStatus) {
        identity = try WriteIdentity(body: json)
        guard let list = json["objects"]?.array, !list.isEmpty else {
            throw APIStatus(.badRequest, "the body must have \"objects\", an array of kind, namespace and name")
        }
        _ = try json.fields(["objects", "ignoreNotFound", "gracePeriodSeconds", "cascade"])
        if let word = try json.text("cascade") {
            guard let cascade = SetCascade(word: word) else {
                throw APIStatus(.badRequest, "cascade: supported values: \(SetCascade.words)")
            }
            self.cascade = cascade
        }
        ignoresMissing = try json.flag("ignoreNotFound")
        graceSeconds = try Self.graceSeconds(json["gracePeriodSeconds"])
        var objects: [ObjectKey] = []
        for (position, object) in list.enumerated() { objects.append(try Self.key(object, at: position)) }
        self.objects = objects
    }

    private static func key(_ object: JSON, at position: Int) throws(APIStatus) -> ObjectKey {
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
        return kind.key(namespace: namespace, name: name)
    }

    /// The grace of a deletion, as this body and Kubernetes' `DeleteOptions` say it; nil where it is missing or null.
    ///
    /// - Throws: 400 for what is no whole number of 0 to `Limits.deletionGraceSeconds`.
    public static func graceSeconds(_ value: JSON?) throws(APIStatus) -> Int? {
        guard let value, !value.isNull else { return nil }
        guard let seconds = value.integer, (0...Int64(Limits.deletionGraceSeconds)).contains(seconds) else {
            throw APIStatus(
                .badRequest, "gracePeriodSeconds must be a whole number of 0 to \(Limits.deletionGraceSeconds)")
        }
        return Int(seconds)
    }

    public var json: JSON {
        var json = identity.json
        json["objects"] = .array(objects.map(\.members))
        json["ignoreNotFound"] = .bool(ignoresMissing)
        json["gracePeriodSeconds"] = graceSeconds.map { .integer(Int64($0)) }
        json["cascade"] = cascade.map { .string($0.word) }
        return json
    }
}

extension SetCascade {
    /// As requests and flags write it.
    public var word: String {
        switch self {
        case .members: "members"
        case .orphan: "orphan"
        }
    }

    public init?(word: String) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }

    /// All words, for messages.
    public static var words: String { allCases.map { "\"\($0.word)\"" }.joined(separator: ", ") }
}
