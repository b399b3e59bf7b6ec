public import Manifest
public import Primitives

/// One object of desired state, with what was last observed of it.
///
/// The fleet never looks into `spec` or `status`; it compares their bytes.
public struct FleetObject: Equatable, Sendable {
    /// That the object shall go, and how.
    public struct Deletion: Equatable, Sendable {
        public var requestedAt: WallTime
        /// How long a machine may take to shut down; nil is its spec's own time.
        public var graceSeconds: Int?

        public init(requestedAt: WallTime, graceSeconds: Int?) {
            self.requestedAt = requestedAt
            self.graceSeconds = graceSeconds
        }
    }

    /// Which node may run a machine.
    public struct Binding: Equatable, Sendable {
        /// The node's name.
        public var node: String
        /// Which binding of this machine it is, from 1. Reports under an older one mean nothing.
        public var epoch: UInt64

        public init(node: String, epoch: UInt64) {
            self.node = node
            self.epoch = epoch
        }
    }

    public var key: ObjectKey
    /// Unique in the cluster's whole life.
    public var uid: UID
    /// The fleet's change counter when the object last changed in any way.
    public var resourceVersion: UInt64
    /// Counts the versions of `spec`, from 1.
    public var generation: UInt64
    public var createdAt: WallTime
    public var deletion: Deletion?
    public var labels: [String: String]
    public var annotations: [String: String]
    /// Canonical JSON.
    public var spec: [UInt8]
    /// Canonical JSON; empty while there is none.
    public var status: [UInt8]
    /// Canonical JSON by the name of the node that reported it, for objects that many nodes report on (images).
    public var nodeStatuses: [String: [UInt8]]
    /// Nil for everything but machines, and for a machine that has no place yet.
    public var binding: Binding?
    /// The highest epoch that the machine was ever bound under; 0 before the first.
    public var lastEpoch: UInt64

    public init(
        key: ObjectKey, uid: UID, resourceVersion: UInt64, generation: UInt64, createdAt: WallTime,
        deletion: Deletion? = nil, labels: [String: String] = [:], annotations: [String: String] = [:],
        spec: [UInt8], status: [UInt8] = [], nodeStatuses: [String: [UInt8]] = [:], binding: Binding? = nil,
        lastEpoch: UInt64 = 0
    ) {
        self.key = key
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.generation = generation
        self.createdAt = createdAt
        self.deletion = deletion
        self.labels = labels
        self.annotations = annotations
        self.spec = spec
        self.status = status
        self.nodeStatuses = nodeStatuses
        self.binding = binding
        self.lastEpoch = lastEpoch
    }
}
