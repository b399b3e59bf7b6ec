import Primitives

extension FetchURL {
    /// Where a redirect leads: the `Location` of an answer to this URL (RFC 3986 section 5.2). Its fragment is left
    /// away, since it is never sent.
    ///
    /// Nil if that is no URL that can be fetched.
    public func resolving(_ reference: String) -> FetchURL? {
        let text = String(reference.prefix { $0 != "#" })
        if text.isEmpty { return self }
        if text.prefix(while: { $0 != "/" && $0 != "?" }).contains(":") { return FetchURL(text) }
        if text.hasPrefix("//") { return FetchURL(scheme + ":" + text) }
        if text.hasPrefix("?") { return FetchURL(root + String(path) + text) }
        let query = text.firstIndex(of: "?") ?? text.endIndex
        // Without a slash it stands beside what this URL names.
        let directory = text.hasPrefix("/") ? "" : String(path[...(path.lastIndex(of: "/") ?? path.startIndex)])
        return FetchURL(root + Self.withoutDots(directory + text[..<query]) + text[query...])
    }

    /// The path of the request, without its query; at least `/`.
    public var path: Substring { target.prefix { $0 != "?" } }

    /// `scheme://host:port`, as it was written.
    private var root: String {
        let authority = text.utf8.dropFirst(scheme.utf8.count + 3).prefix { !"/?".utf8.contains($0) }
        return scheme + "://" + String(Substring(authority))
    }

    /// RFC 3986 section 5.2.4, for a path that begins with a slash.
    private static func withoutDots(_ path: String) -> String {
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var kept: [Substring] = []
        for part in parts where part != "." {
            if part == ".." { _ = kept.popLast() } else { kept.append(part) }
        }
        // What ends with a step of dots names a directory.
        if let last = parts.last, last == "." || last == ".." { kept.append("") }
        return "/" + kept.joined(separator: "/")
    }
}
