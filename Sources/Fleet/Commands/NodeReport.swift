public import Manifest
public import Primitives

/// Everything that changed on one node since its last report, with the events that explain it.
public struct NodeReport: Equatable, Sendable {
    /// The reporting member; the command's author must be its key.
    public var member: UInt64
    /// Rises with every report of a member, across its restarts: see ``Fleet/reportSequence(of:)``. A report that is
    /// not newer than the last one is refused as stale, so that a late copy never turns the status back.
    public var sequence: UInt64
    /// The status of the node itself; nil if it did not change.
    public var nodeStatus: [UInt8]?
    public var machines: [MachineReport]
    public var images: [ImageReport]
    public var events: [EventDraft]

    public init(
        member: UInt64, sequence: UInt64, nodeStatus: [UInt8]?, machines: [MachineReport], images: [ImageReport],
        events: [EventDraft]
    ) {
        self.member = member
        self.sequence = sequence
        self.nodeStatus = nodeStatus
        self.machines = machines
        self.images = images
        self.events = events
    }
}

/// What a node saw of one machine that is bound to it.
public struct MachineReport: Equatable, Sendable {
    public var key: ObjectKey
    public var uid: UID
    /// The epoch of the binding that the machine runs under.
    public var epoch: UInt64
    /// Canonical JSON; replaces the status.
    public var status: [UInt8]
    /// Whether the machine and its disks are gone from the node.
    public var removed: Bool

    public init(key: ObjectKey, uid: UID, epoch: UInt64, status: [UInt8], removed: Bool) {
        self.key = key
        self.uid = uid
        self.epoch = epoch
        self.status = status
        self.removed = removed
    }
}

/// What a node holds of one image.
public struct ImageReport: Equatable, Sendable {
    public var key: ObjectKey
    public var uid: UID
    /// Canonical JSON; nil when the node no longer holds anything of it.
    public var status: [UInt8]?

    public init(key: ObjectKey, uid: UID, status: [UInt8]?) {
        self.key = key
        self.uid = uid
        self.status = status
    }
}
