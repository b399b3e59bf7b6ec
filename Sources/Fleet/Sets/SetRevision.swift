public import Manifest
public import Primitives

/// One state of a manifest set, as its history keeps it.
public struct SetRevision: Equatable, Sendable {
    /// Counts the revisions of the set, from 1.
    public var number: UInt64
    /// The log index of the entry that made it.
    public var index: UInt64
    public var time: WallTime
    /// The key of its author; nil for what the cluster does by itself.
    public var author: PublicKey?
    /// The author's name as it was then; empty if it had none.
    public var authorName: String
    public var message: String
    /// The Git commit that its manifests are from; empty if none is known.
    public var commit: String
    /// What the apply did.
    public var counts: SetCounts
    /// The numbers of its manifests, in the order of their keys.
    var manifests: [UInt64]
}

/// What an apply of a set did to how many objects.
public struct SetCounts: Equatable, Sendable {
    public var created: Int
    public var configured: Int
    public var unchanged: Int
    public var pruned: Int
    public var released: Int

    public init(created: Int = 0, configured: Int = 0, unchanged: Int = 0, pruned: Int = 0, released: Int = 0) {
        self.created = created
        self.configured = configured
        self.unchanged = unchanged
        self.pruned = pruned
        self.released = released
    }
}

/// One manifest of a set's history: what it said, in normal form.
public struct KeptManifest: Equatable, Sendable {
    public var key: ObjectKey
    public var labels: [String: String]
    public var annotations: [String: String]
    /// Canonical JSON.
    public var spec: [UInt8]

    /// What it counts in the bound of a set's history.
    var bytes: Int {
        func bytes(_ texts: [String: String]) -> Int {
            texts.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        }
        return 64 + key.name.utf8.count + spec.count + bytes(labels) + bytes(annotations)
    }

    /// Whether the object is as the manifest says.
    public func describes(_ object: FleetObject) -> Bool {
        spec == object.spec && labels.hasSameBytes(as: object.labels)
            && annotations.hasSameBytes(as: object.annotations)
    }

    func says(_ put: Put) -> Bool {
        spec == put.spec && labels.hasSameBytes(as: put.labels) && annotations.hasSameBytes(as: put.annotations)
    }
}

extension KeptManifest {
    init(_ put: Put) {
        self.init(key: put.key, labels: put.labels, annotations: put.annotations, spec: put.spec)
    }
}
