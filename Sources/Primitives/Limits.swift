/// What bounds every queue, frame and document, in one place.
public enum Limits {
    /// The largest entry of the log, in bytes; a larger apply is refused with its size.
    public static let entryBytes = 16 << 20
    /// The largest frame of the mesh, in bytes; a larger message travels in several.
    public static let frameBytes = 256 << 10
    /// The largest body of an API request, in bytes.
    public static let requestBodyBytes = entryBytes
    /// The largest manifest file, in bytes.
    public static let manifestFileBytes = 64 << 20
    /// How deep JSON may nest.
    public static let jsonDepth = 128
    /// Changes that the feed keeps for watchers that come back.
    public static let changeFeedLength = 16_384
    /// Bytes of objects in these changes, unless the last one alone has more.
    public static let changeFeedBytes = 32 << 20
    /// Write requests whose first answer is kept for a retry.
    public static let requestWindow = 100_000
    /// Distinct events kept for one object.
    public static let eventsPerObject = 16
    /// Objects in one apply.
    public static let objectsPerApply = 100_000
    /// Bytes of kept first answers; older requests leave the window earlier if theirs take more.
    public static let keptAnswerBytes = 64 << 20
    /// Refusals that one answer lists.
    public static let refusalsPerAnswer = 1000
    /// Events kept in all.
    public static let events = 20_000
    /// Removed objects whose events are still kept.
    public static let departedObjects = 256
    /// Bytes of an event's message; the rest is cut off.
    public static let eventMessageBytes = 1024
    /// Bytes of an event's reason or source; the rest is cut off.
    public static let eventWordBytes = 128
    /// The longest time that a deletion may leave a guest to power off, in seconds.
    public static let deletionGraceSeconds = 86_400
    /// Tickets that can be redeemed at one time.
    public static let tickets = 1024
    /// Revisions that a manifest set may keep.
    public static let setRevisions = 100
    /// Bytes of manifests in the history of one set; the newest revision is kept whatever its size.
    public static let setHistoryBytes = 32 << 20
    /// Bytes of the message of an apply; a longer one is refused.
    public static let setMessageBytes = 4096
    /// Bytes of the name of a commit; a longer one is refused.
    public static let setCommitBytes = 128
}
