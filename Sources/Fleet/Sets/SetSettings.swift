public import Primitives

/// How a manifest set is kept: what its ManifestSet object says, in the form that the fleet decides by.
public struct SetSettings: Equatable, Sendable {
    /// Whether an apply deletes what the set's revision before had and this one has not.
    public var prune: Bool
    /// An apply that deletes more than one member, and more than this share of them, is refused.
    public var maxPrunePercent: Int
    /// How many revisions are kept with their manifests, the newest among them.
    public var revisionHistoryLimit: Int

    public init(prune: Bool, maxPrunePercent: Int, revisionHistoryLimit: Int) {
        self.prune = prune
        self.maxPrunePercent = maxPrunePercent
        self.revisionHistoryLimit = revisionHistoryLimit
    }

    /// What a set has of which no manifest says anything.
    public static let standard = SetSettings(prune: false, maxPrunePercent: 50, revisionHistoryLimit: 10)

    /// What is wrong with the numbers; nil if nothing is.
    var problem: (field: String, message: String)? {
        if !(0...100).contains(maxPrunePercent) {
            return ("spec.maxPrunePercent", "\(maxPrunePercent) is no share: give 0 to 100")
        }
        if !(1...Limits.setRevisions).contains(revisionHistoryLimit) {
            return (
                "spec.revisionHistoryLimit", "\(revisionHistoryLimit) revisions: give 1 to \(Limits.setRevisions)"
            )
        }
        return nil
    }
}
