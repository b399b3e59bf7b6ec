/// Where something listens: a host name or IP address, and a port.
public struct HostPort: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address; an IPv6 address without brackets.
    public let host: String
    /// 0 to 65535.
    public let port: Int

    public init(host: String, port: Int) {
        precondition((0...65_535).contains(port), "port \(port)")
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[ipv6]:port`.
    ///
    /// - Throws: ``MeshError/malformed(what:problem:)``.
    public init(_ text: String) throws(MeshError) {
        guard let colon = text.lastIndex(of: ":") else {
            throw .malformed(what: "address \"\(text)\"", problem: "no port; write host:port")
        }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            port <= 65_535
        else {
            throw .malformed(what: "address \"\(text)\"", problem: "\"\(digits)\" is no port; it is 0 to 65535")
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .malformed(what: "address \"\(text)\"", problem: "write an IPv6 address as [address]:port")
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
            throw .malformed(what: "address \"\(text)\"", problem: "\"\(host)\" is no host name")
        }
        self.host = String(host)
        self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether the text names every address of a host and so none that can be dialed.
    public static func isWildcard(_ text: String) -> Bool {
        guard let host = (try? HostPort(text))?.host else { return false }
        return host == "0.0.0.0" || host.allSatisfy { $0 == ":" || $0 == "0" } && host.contains(":")
    }
}
