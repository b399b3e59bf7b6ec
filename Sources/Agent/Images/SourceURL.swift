import Manifest

/// A URL that a request can be made of, and where a redirect leads from it. Pure.
struct SourceURL: Equatable, Sendable {
    private let url: FetchURL

    /// As a request is made of it: a fragment, which is never sent, is left out.
    var text: String { url.text }

    /// - Throws: Why no request can be made of it.
    init(_ text: String) throws(AgentError) {
        let whole = String(text.prefix { $0 != "#" })
        guard let url = FetchURL(whole) else { throw AgentError(FetchURL.problem(whole) ?? "it is no URL") }
        self.url = url
    }

    /// The URL that a redirect leads to; only http and https ones are followed.
    func resolving(_ location: String) throws(AgentError) -> SourceURL {
        let beginning = location.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if beginning.contains(":") { return try SourceURL(location) }
        if location.hasPrefix("//") { return try SourceURL("\(url.scheme):\(location)") }
        if location.hasPrefix("/") { return try SourceURL(origin + location) }
        let path = url.target.prefix { $0 != "?" }
        return try SourceURL(origin + path[...(path.lastIndex(of: "/") ?? path.startIndex)] + location)
    }

    /// `scheme://host[:port]`, as it was written.
    var origin: String {
        let scheme = url.scheme + "://"
        return scheme + text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
    }
}
