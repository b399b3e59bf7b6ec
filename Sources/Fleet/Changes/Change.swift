/// One step of the fleet's history: what happened to one object.
public struct Change: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case added
        case modified
        case deleted
    }

    /// The change counter after it; unique, rising, with gaps where events and not objects changed.
    public var revision: UInt64
    public var kind: Kind
    /// The object after the change; a deleted one as it last was, with the revision of its deletion.
    public var object: FleetObject

    public init(revision: UInt64, kind: Kind, object: FleetObject) {
        self.revision = revision
        self.kind = kind
        self.object = object
    }
}

/// What a reader with a cursor gets.
public enum ChangesResult: Equatable, Sendable {
    /// Everything after the cursor, oldest first.
    case changes([Change])
    /// The cursor is older than what is kept, or not from this history: list again.
    case expired
}
