import Primitives

/// An `http` or `https` URL that can be fetched: checked piece by piece, because a library that is given an odd port or
/// host may trap on it.
///
/// `scheme://host[:port][/path][?query]` of RFC 3986, in ASCII, with a host name, an IPv4 address or an IPv6 address in
/// brackets, and a port of 1 to 65535. User names and fragments are refused: a password would stand in clear in the
/// log, and a fragment is never sent.
public struct FetchURL: Hashable, Sendable, CustomStringConvertible {
    /// The URL as it was written.
    public let text: String
    /// `http` or `https`.
    public let scheme: String
    /// A name or an address, without brackets.
    public let host: String
    /// The port that the URL names, or that of its scheme.
    public let port: UInt16
    /// Path and query, as a request's target has them; at least `/`.
    public let target: String

    public var description: String { text }

    /// Nil if ``problem(_:)`` has something to say.
    public init?(_ text: String) {
        // The problem is for those who want to know it.
        guard let url = try? FetchURL(checking: text) else { return nil }
        self = url
    }

    /// Why text is no URL that can be fetched; nil if it is one.
    public static func problem(_ text: String) -> String? {
        do throws(Problem) {
            _ = try FetchURL(checking: text)
            return nil
        } catch {
            return error.text
        }
    }

    private struct Problem: Error {
        let text: String

        init(_ text: String) {
            self.text = text
        }
    }

    private init(checking text: String) throws(Problem) {
        guard let scheme = ["http", "https"].first(where: { text.hasPrefix($0 + "://") }) else {
            throw Problem("must begin with http:// or https://")
        }
        guard text.utf8.count <= Self.longestBytes else {
            throw Problem("must be no more than \(Self.longestBytes) bytes")
        }
        let rest = text.utf8.dropFirst(scheme.utf8.count + 3)
        let authority = rest.prefix { !"/?#".utf8.contains($0) }
        let target = rest[authority.endIndex...]
        if authority.contains(UInt8(ascii: "@")) {
            throw Problem("the URL must not name a user or password: they would stand in clear in the cluster's log")
        }
        let (host, digits) = try Self.split(authority)
        self.text = text
        self.scheme = scheme
        self.host = try Self.checkedHost(host)
        port =
            try digits.map { (digits) throws(Problem) in try Self.checkedPort(digits) } ?? (scheme == "http" ? 80 : 443)
        try Self.checkTarget(target)
        let written = String(Substring(target))
        self.target = written.hasPrefix("/") ? written : "/" + written
    }

    /// The longest URL, in bytes.
    public static let longestBytes = 2048

    private static func split(
        _ authority: Substring.UTF8View
    ) throws(Problem) -> (host: Substring.UTF8View, port: Substring.UTF8View?) {
        let colon: Substring.UTF8View.Index?
        if authority.first == UInt8(ascii: "[") {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else {
                throw Problem("the host's bracket is not closed")
            }
            let behind = authority.index(after: close)
            guard behind == authority.endIndex || authority[behind] == UInt8(ascii: ":") else {
                throw Problem("behind the host's brackets only a colon and a port may stand")
            }
            colon = behind == authority.endIndex ? nil : behind
        } else {
            colon = authority.firstIndex(of: UInt8(ascii: ":"))
        }
        guard let colon else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func checkedPort(_ digits: Substring.UTF8View) throws(Problem) -> UInt16 {
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.first != UInt8(ascii: "0"), let port = UInt16(Substring(digits))
        else { throw Problem("port \"\(Substring(digits))\" must be a number of 1 to 65535") }
        return port
    }

    private static func checkedHost(_ host: Substring.UTF8View) throws(Problem) -> String {
        guard !host.isEmpty else { throw Problem("the URL names no host") }
        if host.first == UInt8(ascii: "[") {
            let address = host.dropFirst().dropLast()
            guard isIPv6(address) else { throw Problem("\"\(Substring(address))\" is no IPv6 address") }
            return String(Substring(address))
        }
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard host.count <= 253, labels.allSatisfy(isHostLabel) else {
            throw Problem(
                "host \"\(Substring(host))\" must consist of letters, digits, '-', '_' and '.', at most 63 of them "
                    + "between two dots and 253 in all")
        }
        // A name that ends in a number is taken for an address.
        if let first = labels.last?.first, (0x30...0x39).contains(first), !ValueFormat.isIPv4(String(Substring(host))) {
            throw Problem("host \"\(Substring(host))\" ends like an IPv4 address and is none")
        }
        return String(Substring(host))
    }

    private static func isHostLabel(_ label: Substring.UTF8View) -> Bool {
        func isWord(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || byte == UInt8(ascii: "_") }
        guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
        return isWord(first) && isWord(last) && label.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
    }

    /// Eight groups of one to four hexadecimal digits, of which one run may be left out (RFC 4291 section 2.2).
    private static func isIPv6(_ text: Substring.UTF8View) -> Bool {
        let groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        func isGroup(_ group: Substring.UTF8View) -> Bool {
            (1...4).contains(group.count) && group.allSatisfy(isHexadecimal)
        }
        let written = groups.count { !$0.isEmpty }
        guard groups.allSatisfy({ $0.isEmpty || isGroup($0) }) else { return false }
        switch groups.count - written {
        case 0: return groups.count == 8
        // The run stands inside: one empty piece between two colons.
        case 1: return groups.first?.isEmpty == false && groups.last?.isEmpty == false && written <= 7
        // It stands at one end, which gives that end's piece as well; or it is all there is.
        case 2:
            let atStart = groups[0].isEmpty && groups[1].isEmpty
            let atEnd = groups[groups.count - 1].isEmpty && groups[groups.count - 2].isEmpty
            return (atStart || atEnd) && (1...7).contains(written)
        case 3: return groups.count == 3
        default: return false
        }
    }

    private static func checkTarget(_ target: Substring.UTF8View) throws(Problem) {
        var rest = target
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst(), let low = rest.popFirst(), isHexadecimal(high), isHexadecimal(low)
                else {
                    throw Problem("a % must stand before two hexadecimal digits")
                }
                continue
            }
            if byte == UInt8(ascii: "#") { throw Problem("a fragment (from # on) is never sent: leave it out") }
            guard isLetterOrDigit(byte) || "-._~!$&'()*+,;=:@/?".utf8.contains(byte) else {
                throw Problem("byte \(Hex.encode([byte])) must be written as %\(Hex.encode([byte]))")
            }
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
    }
}
