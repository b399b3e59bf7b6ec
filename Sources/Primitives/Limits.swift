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
}
