public import Manifest
public import Primitives

/// Whether an event is the normal course of things; the numbers are stable.
public enum EventType: UInt8, Equatable, Sendable, CaseIterable {
    case normal = 1
    case warning = 2
}

/// Something that happened to an object, as its observer tells it.
public struct EventDraft: Equatable, Sendable {
    public var regarding: ObjectKey
    /// The identity of that object, where the observer knows it.
    public var uid: UID?
    public var type: EventType
    /// One word in CamelCase, for programs: `Started`, `ImagePullFailed`.
    public var reason: String
    /// A sentence for people.
    public var message: String
    /// The observer: a node's name or a loop's.
    public var source: String

    public init(
        regarding: ObjectKey, uid: UID?, type: EventType, reason: String, message: String, source: String
    ) {
        self.regarding = regarding
        self.uid = uid
        self.type = type
        self.reason = reason
        self.message = message
        self.source = source
    }
}
