public import Primitives

/// What a node says of itself.
public struct NodeStatus: Hashable, Sendable {
    /// Its id in Raft, never reused.
    public var raftID: UInt64
    public var publicKey: PublicKey
    /// Where it can be dialed: `host:port`.
    public var addresses: [String]
    public var role: NodeRole
    /// Of the program that it runs.
    public var version: String
    /// What it has.
    public var capacity: NodeResources
    /// What machines may use of it.
    public var allocatable: NodeResources
    /// `kvm`, `tcg` or `simulated`.
    public var accelerator: String?
    public var conditions: [Condition]

    public init(
        raftID: UInt64, publicKey: PublicKey, addresses: [String], role: NodeRole, version: String,
        capacity: NodeResources, allocatable: NodeResources, accelerator: String?, conditions: [Condition]
    ) {
        self.raftID = raftID
        self.publicKey = publicKey
        self.addresses = addresses
        self.role = role
        self.version = version
        self.capacity = capacity
        self.allocatable = allocatable
        self.accelerator = accelerator
        self.conditions = conditions
    }
}

public enum NodeRole: String, Hashable, Sendable, CaseIterable {
    case voter
    case learner
}

public struct NodeResources: Hashable, Sendable {
    public var cpus: Int
    public var memoryBytes: Int64

    public init(cpus: Int, memoryBytes: Int64) {
        self.cpus = cpus
        self.memoryBytes = memoryBytes
    }
}
