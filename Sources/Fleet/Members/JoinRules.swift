import Manifest

/// What a newcomer may say of itself.
///
/// Members' addresses go into every ticket, and names into paths and file names: what does not fit there is refused
/// before it counts.
public enum JoinRules {
    /// The longest address in bytes: a host name has at most 253.
    public static let addressBytes = 255
    /// The most addresses of one newcomer.
    public static let addresses = 16

    /// Why these can't be a newcomer's addresses; nil if they can.
    public static func problem(ofAddresses list: [String]) -> String? {
        guard (1...addresses).contains(list.count) else {
            return "addresses: \(list.count) addresses; give 1 to \(addresses), each host:port"
        }
        for (position, address) in list.enumerated() {
            if let problem = problem(ofAddress: address) { return "addresses[\(position)]: \(problem)" }
        }
        return nil
    }

    /// Why this can't be a node's name; nil if it can.
    public static func problem(ofName name: String) -> String? {
        NameRules.labelProblem(name).map { "name: Invalid value: \"\(name.prefix(shownCharacters))\": \($0)" }
    }

    private static func problem(ofAddress text: String) -> String? {
        guard text.utf8.count <= addressBytes else {
            return "Too long: \(text.utf8.count) bytes: may not be more than \(addressBytes) bytes"
        }
        func invalid(_ why: String) -> String { "Invalid value: \"\(text)\": \(why)" }
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            return invalid("must be host:port, and has no port")
        }
        let digits = text[text.utf8.index(after: colon)...]
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits), port > 0
        else { return invalid("must be host:port with a port of 1 to 65535") }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.utf8.contains(UInt8(ascii: ":")) {
            return invalid("must be [address]:port for an IPv6 address")
        }
        let hasOnlyVisible = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"/[]".utf8.contains($0) }
        return host.isEmpty || !hasOnlyVisible ? invalid("must be host:port, and has no host name") : nil
    }

    private static let shownCharacters = 80
}
