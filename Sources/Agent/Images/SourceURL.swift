/// An http or https URL that a request can be made of. Pure; what it refuses would end the HTTP client or go elsewhere.
struct SourceURL: Equatable, Sendable {
    /// Without a fragment.
    let text: String
    /// `scheme://host[:port]`.
    private let origin: String
    /// From the first `/` on; empty if there is none.
    private let target: Substring

    private static let longest = 4096

    init(_ text: String) throws(AgentError) {
        let whole = text.prefix { $0 != "#" }
        guard text.utf8.count <= Self.longest, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw AgentError("it is no URL: 1 to \(Self.longest) printable ASCII characters are, others as %XX")
        }
        guard let scheme = ["http://", "https://"].first(where: { whole.lowercased().hasPrefix($0) }) else {
            throw AgentError("only http and https URLs are fetched")
        }
        let rest = whole.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        try Self.check(authority)
        self.text = String(whole)
        origin = scheme + authority
        target = rest.dropFirst(authority.count)
    }

    /// The URL that a redirect leads to.
    func resolving(_ location: String) throws(AgentError) -> SourceURL {
        let beginning = location.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if beginning.contains(":") { return try SourceURL(location) }
        if location.hasPrefix("//") { return try SourceURL(origin.prefix { $0 != "/" } + location) }
        if location.hasPrefix("/") { return try SourceURL(origin + location) }
        let path = target.prefix { $0 != "?" }
        let directory = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return try SourceURL(origin + directory + location)
    }

    private static func check(_ authority: Substring) throws(AgentError) {
        let server = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let host: Substring
        let port: Substring
        if server.first == "[" {
            host = server.prefix { $0 != "]" }.dropFirst()
            port = server.dropFirst(host.count + 2)
            guard server.contains("]"), host.utf8.allSatisfy({ isHex($0) || $0 == 0x3a || $0 == 0x2e }) else {
                throw AgentError("the URL names no host")
            }
        } else {
            host = server.prefix { $0 != ":" }
            port = server.dropFirst(host.count)
            guard host.utf8.allSatisfy(isHostByte) else { throw AgentError("the URL names no host") }
        }
        guard !host.isEmpty else { throw AgentError("the URL names no host") }
        guard !port.isEmpty else { return }
        let digits = port.dropFirst()
        guard port.first == ":", digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(digits), (1...65_535).contains(number)
        else { throw AgentError("the URL's port \"\(digits)\" must be 1 to 65535") }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
