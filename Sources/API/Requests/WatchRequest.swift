import Contract

/// What a watch asks for, beyond what a list does.
struct WatchRequest {
    /// How long a watch runs when the client does not say.
    static let defaultSeconds: Int64 = 1800
    static let largestSeconds: Int64 = 86_400

    let list: ListRequest
    /// Replay what came after; nil begins with everything that is there.
    let resourceVersion: UInt64?
    let seconds: Int64
    let wantsBookmarks: Bool
    /// A list and a watch in one: a bookmark tells where the list ends.
    let marksInitialEnd: Bool

    init(list: ListRequest, query: QueryItems) throws(APIStatus) {
        self.list = list
        switch query[.resourceVersion] {
        case nil, "", "0": resourceVersion = nil
        case let text?: resourceVersion = try DeleteOptions.resourceVersion(text)
        }
        seconds = min(query.number(.timeoutSeconds) ?? Self.defaultSeconds, Self.largestSeconds)
        wantsBookmarks = query.isTrue(.allowWatchBookmarks)
        marksInitialEnd = query.isTrue(.sendInitialEvents)
    }
}
