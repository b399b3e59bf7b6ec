public import Manifest
public import Primitives

/// What a write says of the manifest set that it applies: all puts of the write are the set's members, but for that of
/// the ManifestSet object itself.
public struct SetApplication: Equatable, Sendable {
    /// The name of the ManifestSet object; it is created if it is not there.
    public var name: String
    /// Whether members of the revision before that the write does not put are deleted; nil for what the set says.
    public var prune: Bool?
    /// In place of the set's own guard, for this write.
    public var maxPrunePercent: Int?
    /// Whether a set without any member is meant.
    public var allowsEmpty: Bool
    /// Whether members of other sets are taken over.
    public var adopts: Bool
    /// The set's last revision must be this one; 0 demands that the set has none. Nil for any.
    public var expectedRevision: UInt64?
    /// Why it is applied; for people.
    public var message: String
    /// The Git commit that the manifests are from; empty if they are from none that is known.
    public var commit: String

    public init(
        name: String, prune: Bool? = nil, maxPrunePercent: Int? = nil, allowsEmpty: Bool = false, adopts: Bool = false,
        expectedRevision: UInt64? = nil, message: String = "", commit: String = ""
    ) {
        self.name = name
        self.prune = prune
        self.maxPrunePercent = maxPrunePercent
        self.allowsEmpty = allowsEmpty
        self.adopts = adopts
        self.expectedRevision = expectedRevision
        self.message = message
        self.commit = commit
    }

    /// The key of the ManifestSet object.
    public var key: ObjectKey { .manifestSet(name) }
}

/// What becomes of a set's members when the set is deleted.
public enum SetCascade: UInt8, Equatable, Sendable, CaseIterable {
    /// They are deleted with it.
    case members = 1
    /// They stay, as members of no set.
    case orphan = 2
}

/// What a plan saw. The write that carries it is refused where a manifest has moved since.
public struct WriteExpectation: Equatable, Sendable {
    /// One object, as far as manifests decide it.
    public struct Object: Equatable, Sendable {
        public var key: ObjectKey
        /// Nil if there was none.
        public var state: ManifestState?

        public init(key: ObjectKey, state: ManifestState?) {
            self.key = key
            self.state = state
        }
    }

    /// Of each object that the write changes, the deleted ones among them.
    public var objects: [Object]
    /// What the write deletes because its set no longer names it, ascending.
    public var pruned: [ObjectKey]

    public init(objects: [Object], pruned: [ObjectKey]) {
        self.objects = objects
        self.pruned = pruned
    }
}

/// Which object it is, and what its manifest says.
public struct ManifestState: Equatable, Sendable {
    public var uid: UID
    /// Of labels, annotations and spec. It tells two manifests apart, and is no proof against a forged one.
    public var digest: UInt64

    public init(uid: UID, digest: UInt64) {
        self.uid = uid
        self.digest = digest
    }

    public init(of object: FleetObject) {
        self.init(
            uid: object.uid,
            digest: ContentDigest.ofManifest(
                labels: object.labels, annotations: object.annotations, spec: object.spec))
    }
}

extension ContentDigest {
    static func ofManifest(labels: [String: String], annotations: [String: String], spec: [UInt8]) -> UInt64 {
        of { writer in
            writer.write(map: labels)
            writer.write(map: annotations)
            writer.write(prefixed: spec)
        }
    }
}

extension WriteExpectation {
    /// Why a write that was planned is refused now.
    ///
    /// - Parameter prunes: What it would delete because its set no longer names it, ascending.
    func mismatches(with fleet: Fleet, prunes: [ObjectKey]) -> [Refusal] {
        var refusals: [Refusal] = []
        for object in objects {
            let now = fleet[object.key].map(ManifestState.init(of:))
            guard now != object.state else { continue }
            let what =
                switch (object.state, now) {
                case (nil, _): "was created"
                case (_, nil): "was deleted"
                case (let then?, let now?): then.uid == now.uid ? "was changed" : "was deleted and created anew"
                }
            refusals.append(Self.moved(object.key, what))
        }
        // Of an object that has moved, no more needs to be said.
        let moved = Set(refusals.compactMap(\.key))
        let planned = Set(pruned)
        let present = Set(prunes)
        for key in prunes where !planned.contains(key) && !moved.contains(key) {
            refusals.append(Self.moved(key, "became one that would be pruned"))
        }
        for key in pruned where !present.contains(key) && !moved.contains(key) {
            refusals.append(Self.moved(key, "became one that would not be pruned"))
        }
        return refusals
    }

    private static func moved(_ key: ObjectKey, _ what: String) -> Refusal {
        Refusal(
            reason: .conflict, key: key, field: nil,
            message: "\(key.quoted) \(what) since the plan was made: plan again")
    }
}
