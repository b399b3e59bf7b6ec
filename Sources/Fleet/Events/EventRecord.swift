public import Manifest
public import Primitives

/// An event as it is kept: repetitions of the same are one record with a count.
public struct EventRecord: Equatable, Sendable {
    public var regarding: ObjectKey
    public var uid: UID?
    public var type: EventType
    public var reason: String
    public var message: String
    /// The last observer.
    public var source: String
    public var firstSeen: WallTime
    public var lastSeen: WallTime
    public var count: Int
    /// The fleet's change counter when it was first seen: the event's name for its whole life.
    public var firstRevision: UInt64
    /// The fleet's change counter when it was last seen; unique among events.
    public var revision: UInt64

    public init(
        regarding: ObjectKey, uid: UID?, type: EventType, reason: String, message: String, source: String,
        firstSeen: WallTime, lastSeen: WallTime, count: Int, firstRevision: UInt64, revision: UInt64
    ) {
        self.regarding = regarding
        self.uid = uid
        self.type = type
        self.reason = reason
        self.message = message
        self.source = source
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.count = count
        self.firstRevision = firstRevision
        self.revision = revision
    }
}
