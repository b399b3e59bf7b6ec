/// The header fields that are this API's own.
public enum HeaderName: String, CaseIterable, Sendable {
    /// Of a request: the id under which its write is recorded once, 32 hexadecimal digits.
    case request = "Blixard-Request"
    /// Of a request: the revision that its client had seen before the first try.
    case baseRevision = "Blixard-Base-Revision"
    /// A trailer of an answer that ends early: the ``APIStatus`` that says why, as JSON in one line.
    case status = "Blixard-Status"
    /// Of a log: where the bytes of the answer begin.
    case offset = "Blixard-Offset"
    /// Of a log: where the piece after this one begins.
    case nextOffset = "Blixard-Next-Offset"
    /// Of a log: everything before this was dropped.
    case keptOffset = "Blixard-Kept-Offset"
    /// Of a log: where it ended when the answer began.
    case endOffset = "Blixard-End-Offset"
}

/// What bodies are.
public enum MediaType {
    public static let json = "application/json"
    /// A list as the server's table, or plain JSON from a server that has none.
    public static let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    /// RFC 7396.
    public static let mergePatch = "application/merge-patch+json"
    /// RFC 6902.
    public static let jsonPatch = "application/json-patch+json"
}
