public import JSONText
import Primitives

/// How a manifest set is kept, with all defaults filled in.
public struct ManifestSetSpec: Hashable, Sendable {
    /// Whether an apply deletes what the set's revision before had and this one has not.
    public var prune = false
    /// An apply that deletes more than one member, and more than this share of them, is refused; 0 to 100.
    public var maxPrunePercent = 50
    /// How many revisions are kept with their manifests; 1 to `Limits.setRevisions`.
    public var revisionHistoryLimit = 10

    /// A spec of nothing but defaults.
    public init() {}
}

extension ManifestSetSpec: SpecView {
    public static var kind: KindInfo { .manifestSet }

    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "spec"))
        self.init()
        prune = try fields.bool("prune") ?? prune
        maxPrunePercent = try fields.integer("maxPrunePercent", in: 0...100) ?? maxPrunePercent
        revisionHistoryLimit =
            try fields.integer("revisionHistoryLimit", in: 1...Limits.setRevisions) ?? revisionHistoryLimit
        try fields.finish()
    }

    public var json: JSON {
        [
            "prune": .bool(prune), "maxPrunePercent": .integer(Int64(maxPrunePercent)),
            "revisionHistoryLimit": .integer(Int64(revisionHistoryLimit)),
        ]
    }
}
