public import Manifest
public import Primitives

/// What the leader found of one Git repository that the cluster follows.
public struct SourceReport: Equatable, Sendable {
    /// Of the GitRepository object.
    public var key: ObjectKey
    /// Only the object with this identity takes the report.
    public var uid: UID
    /// Canonical JSON; replaces the status.
    public var status: [UInt8]
    public var events: [EventDraft]

    public init(key: ObjectKey, uid: UID, status: [UInt8], events: [EventDraft]) {
        self.key = key
        self.uid = uid
        self.status = status
        self.events = events
    }
}
