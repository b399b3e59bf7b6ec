public import JSONText
public import Primitives

/// What the leader says of a Git repository that the cluster follows.
public struct GitRepositoryStatus: Hashable, Sendable {
    /// The generation of the spec that this was judged by.
    public var observedGeneration: UInt64 = 0
    /// The full name of the commit that was fetched last, applied or not; nil before the first.
    public var lastSeenCommit: String?
    /// The commit whose manifests are in force; nil before the first.
    public var lastAppliedCommit: String?
    /// The revision of the set that has them; 0 before the first.
    public var appliedRevision: UInt64 = 0
    /// How many objects the manifests in force describe; nil before the first.
    public var appliedObjects: Int?
    /// When the fetch ended that changed this status last. A fetch that changes nothing is not recorded.
    public var lastFetchedAt: WallTime?
    /// The newest request for a fetch that was done, as hexadecimal digits; nil before the first.
    public var lastHandledRequest: String?
    public var conditions: [Condition] = []

    /// Of a repository that was never fetched.
    public init() {}
}

extension GitRepositoryStatus: StatusView {
    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "status"))
        self.init()
        observedGeneration = try fields.counter("observedGeneration") ?? 0
        lastSeenCommit = try fields.string("lastSeenCommit")
        lastAppliedCommit = try fields.string("lastAppliedCommit")
        appliedRevision = try fields.counter("appliedRevision") ?? 0
        appliedObjects = try fields.integer("appliedObjects", in: 0...Limits.objectsPerApply)
        lastFetchedAt = try fields.time("lastFetchedAt")
        lastHandledRequest = try fields.string("lastHandledRequest")
        conditions = try fields.conditions()
    }

    /// What is nil or empty is left out.
    public var json: JSON {
        var json: JSON = ["observedGeneration": .counter(observedGeneration)]
        json["lastSeenCommit"] = lastSeenCommit.map(JSON.string)
        json["lastAppliedCommit"] = lastAppliedCommit.map(JSON.string)
        if appliedRevision > 0 { json["appliedRevision"] = .counter(appliedRevision) }
        json["appliedObjects"] = appliedObjects.map { .integer(Int64($0)) }
        json["lastFetchedAt"] = lastFetchedAt.map { .string($0.rfc3339) }
        json["lastHandledRequest"] = lastHandledRequest.map(JSON.string)
        if !conditions.isEmpty { json["conditions"] = .array(conditions.map(\.json)) }
        return json
    }
}
