extension Limits {
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
}

extension Limits {
    /// Revisions that a manifest set may keep.
    public static let setRevisions = 100
    /// Bytes of manifests in the history of one set; the newest revision is kept whatever its size.
    public static let setHistoryBytes = 32 << 20
    /// Bytes of the message of an apply; a longer one is refused.
    public static let setMessageBytes = 4096
    /// Bytes of the name of a commit; a longer one is refused.
    public static let setCommitBytes = 128
}
