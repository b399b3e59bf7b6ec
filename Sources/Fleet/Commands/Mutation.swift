public import Manifest
public import Primitives

/// What a write does to one object.
public enum Mutation: Equatable, Sendable {
    /// Creates the object, or replaces what its manifest says.
    case put(Put)
    case delete(Delete)

    public var key: ObjectKey {
        switch self {
        case .put(let put): put.key
        case .delete(let delete): delete.key
        }
    }
}

/// What must be true of an object for a put to be taken.
public enum Precondition: Equatable, Sendable {
    case none
    /// There is no object of that name.
    case absent
    /// The object exists and is at exactly this resource version.
    case resourceVersion(UInt64)
}

/// The whole truth of one manifest.
public struct Put: Equatable, Sendable {
    public var key: ObjectKey
    public var labels: [String: String]
    public var annotations: [String: String]
    /// Canonical JSON in normal form: two specs mean the same if and only if their bytes are equal.
    public var spec: [UInt8]
    public var precondition: Precondition
    /// The node that the spec demands, if it demands one. A bound machine can't be moved by its manifest, because its
    /// disks stay where they are.
    public var requiredNode: String?
    /// The object that the leader has judged the change of a machine against; nil if there was none, or if the put is
    /// of something else. A machine that is not this one any more keeps its spec, and the change is judged again.
    public var judged: Judgement?
    /// How the set is kept, if the put is of a ManifestSet; nil for everything else.
    public var settings: SetSettings?

    public init(
        key: ObjectKey, labels: [String: String], annotations: [String: String], spec: [UInt8],
        precondition: Precondition, requiredNode: String?
    ) {
        self.key = key
        self.labels = labels
        self.annotations = annotations
        self.spec = spec
        self.precondition = precondition
        self.requiredNode = requiredNode
    }
}

/// What a leader saw of a machine when it judged a change of it.
public struct Judgement: Equatable, Sendable {
    public var uid: UID
    public var generation: UInt64
    /// Of its binding; 0 if it was bound to no node.
    public var epoch: UInt64

    public init(uid: UID, generation: UInt64, epoch: UInt64) {
        self.uid = uid
        self.generation = generation
        self.epoch = epoch
    }

    public init(of machine: FleetObject) {
        self.init(uid: machine.uid, generation: machine.generation, epoch: machine.binding?.epoch ?? 0)
    }
}

/// The wish that one object goes away.
public struct Delete: Equatable, Sendable {
    public var key: ObjectKey
    /// Only the object with this identity.
    public var uid: UID?
    /// Only at exactly this resource version.
    public var resourceVersion: UInt64?
    /// How long a machine may take to shut down before it is stopped hard; nil is its spec's own time.
    public var graceSeconds: Int?
    /// Whether an object that is not there counts as deleted.
    public var ignoreMissing: Bool
    /// What becomes of the members, if a ManifestSet is deleted; nil if nothing was said.
    public var cascade: SetCascade?

    public init(key: ObjectKey, uid: UID?, resourceVersion: UInt64?, graceSeconds: Int?, ignoreMissing: Bool) {
        self.key = key
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.graceSeconds = graceSeconds
        self.ignoreMissing = ignoreMissing
    }
}
