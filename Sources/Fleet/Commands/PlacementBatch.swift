public import Manifest
public import Primitives

/// What one pass of the leader's placement decided.
public struct PlacementBatch: Equatable, Sendable {
    public var bindings: [NewBinding]
    /// Why machines are still waiting.
    public var notes: [PlacementNote]
    public var events: [EventDraft]

    public init(bindings: [NewBinding], notes: [PlacementNote], events: [EventDraft]) {
        self.bindings = bindings
        self.notes = notes
        self.events = events
    }
}

/// A machine's place, taken only if nothing that it was decided on has changed since.
public struct NewBinding: Equatable, Sendable {
    public var key: ObjectKey
    public var uid: UID
    /// The generation of the spec that was placed.
    public var generation: UInt64
    /// The name of the member that shall run the machine.
    public var node: String
    /// ``Fleet/allocationCounter(of:)`` of the node as it was before this batch.
    public var allocationCounter: UInt64

    public init(key: ObjectKey, uid: UID, generation: UInt64, node: String, allocationCounter: UInt64) {
        self.key = key
        self.uid = uid
        self.generation = generation
        self.node = node
        self.allocationCounter = allocationCounter
    }
}

/// The status of a machine that could not be placed.
public struct PlacementNote: Equatable, Sendable {
    public var key: ObjectKey
    public var uid: UID
    public var generation: UInt64
    /// Canonical JSON; replaces the status.
    public var status: [UInt8]

    public init(key: ObjectKey, uid: UID, generation: UInt64, status: [UInt8]) {
        self.key = key
        self.uid = uid
        self.generation = generation
        self.status = status
    }
}
