import Contract

// An empty word is what a client's variable leaves that is not set. It means nothing: never everything, and never what
// stands without it.

extension QueryItems {
    /// Parameters that must say something if they are there. A resource version is not among them, because Kubernetes
    /// gives the empty one a meaning; what this API does not read may be anything.
    private static let neverEmpty: Set<QueryParameter> = [
        .labelSelector, .fieldSelector, .dryRun, .consistency, .includeObject, .gracePeriodSeconds, .watch,
        .timeoutSeconds, .allowWatchBookmarks, .sendInitialEvents, .tailLines, .limit, .offset, .follow,
    ]

    /// The first parameter of those that is empty, or has nothing but spaces.
    var emptyParameter: String? {
        names.first { name in
            QueryParameter(rawValue: name).map(Self.neverEmpty.contains) == true
                && values(of: name).contains { $0.utf8.allSatisfy { $0 == 0x20 } }
        }
    }
}

extension APIStatus {
    /// Paths that clients of Kubernetes end with a slash.
    private static let withTrailingSlash: Set<Substring> = Set(
        ["/"] + [DiscoveryPath.core, .groups, .version].map { Substring($0.text + "/") })

    /// Why a request's path is refused; nil for a good one.
    ///
    /// A router passes over empty parts, so that an object whose name is empty would be the whole collection.
    ///
    /// - Parameter target: What stands in the request's first line.
    static func problem(ofPath target: String) -> APIStatus? {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        guard path.hasPrefix("/"), !Self.withTrailingSlash.contains(path) else { return nil }
        guard path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).contains("") else { return nil }
        return APIStatus(.badRequest, "path \"\(path)\": no part may be empty; is a name missing?")
    }
}
