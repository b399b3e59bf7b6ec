public import Manifest
public import Primitives

/// What one mutation did to its object.
public struct MutationResult: Equatable, Sendable {
    /// The numbers are stable, because answers are kept in snapshots.
    public enum Operation: UInt8, Equatable, Sendable, CaseIterable {
        case created = 1
        /// Spec, labels or annotations changed.
        case configured = 2
        /// Nothing to do; also the deletion of what is not there, where that was allowed.
        case unchanged = 3
        case deleted = 4
        /// The deletion began, or was under way already; the object goes when its node has released it.
        case terminating = 5
        /// A member's Node object stays, but nothing of its manifest is left.
        case cleared = 6
    }

    public var key: ObjectKey
    public var operation: Operation
    /// Nil if there is no such object.
    public var uid: UID?
    /// After the mutation; for a deleted object the revision of its deletion, 0 if there is no such object.
    public var resourceVersion: UInt64
    public var generation: UInt64

    public init(key: ObjectKey, operation: Operation, uid: UID?, resourceVersion: UInt64, generation: UInt64) {
        self.key = key
        self.operation = operation
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.generation = generation
    }
}

extension MutationResult.Operation {
    /// As success lines print it.
    public var word: String {
        switch self {
        case .created: "created"
        case .configured: "configured"
        case .unchanged: "unchanged"
        case .deleted: "deleted"
        case .terminating: "terminating"
        case .cleared: "cleared"
        }
    }
}
