import Primitives
import Reconcile

/// Where a repository is, in a form that git may be given. Pure.
enum GitAddress: Equatable, Sendable {
    /// A URL, or `[USER@]HOST:PATH`.
    case remote(String)
    /// An absolute path of this host.
    case local(String)

    private static let schemes = ["https", "http", "ssh", "git"]

    /// - Throws: Why nothing is fetched from there. The message names no user and no password.
    init(_ url: String) throws(SourceFailure) {
        guard !url.isEmpty, !url.hasPrefix("-"), url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw .fetchFailed("the URL may not be empty, begin with \"-\" or have spaces or control characters in it")
        }
        if url.hasPrefix("/") {
            self = .local(url)
            return
        }
        guard let mark = url.firstRange(of: "://") else {
            try self.init(short: url)
            return
        }
        let scheme = url[..<mark.lowerBound].lowercased()
        let rest = url[mark.upperBound...]
        if scheme == "file" {
            guard rest.hasPrefix("/"), let path = Self.decoded(rest) else {
                throw .fetchFailed("a file URL names no host: write file:///PATH")
            }
            self = .local(path)
            return
        }
        guard Self.schemes.contains(scheme) else {
            throw .fetchFailed(
                "the URL's scheme \"\(scheme.harmless(limit: 40))\" is not fetched from: there are "
                    + (Self.schemes + ["file"]).joined(separator: ", "))
        }
        let authority = rest.prefix { !"/?#".contains($0) }
        if let at = authority.lastIndex(of: "@") {
            guard scheme == "ssh", !authority[..<at].contains(":") else {
                throw .fetchFailed(
                    "the URL names a \(scheme == "ssh" ? "password" : "user or password"), which everyone may read "
                        + "who may read the object: write it without")
            }
        }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        // What begins like an option would be one to ssh.
        guard !host.isEmpty, !authority.hasPrefix("-"), !host.hasPrefix("-") else {
            throw .fetchFailed("the URL names no host")
        }
        self = .remote(url)
    }

    /// `[USER@]HOST:PATH`.
    private init(short url: String) throws(SourceFailure) {
        guard let colon = url.firstIndex(of: ":"), !url[..<colon].contains("/"), !url[colon...].hasPrefix("::") else {
            throw .fetchFailed("the URL is neither one, nor USER@HOST:PATH, nor an absolute path")
        }
        let host = url[..<colon].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard !host.isEmpty, !host.hasPrefix("-"), url.index(after: colon) < url.endIndex else {
            throw .fetchFailed("the URL names no host, or no path on it")
        }
        self = .remote(url)
    }

    /// `scheme://host[:port]` of an http or https URL; nil for others.
    var webOrigin: String? {
        guard case .remote(let url) = self, let mark = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<mark.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { return nil }
        return "\(scheme)://\(url[mark.upperBound...].prefix { !"/?#".contains($0) })"
    }

    /// The path of a URL with its `%xx` read; nil if they are no UTF-8 or there is a zero byte.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self))?.first
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }
}
