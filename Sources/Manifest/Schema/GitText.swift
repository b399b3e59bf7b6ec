import Primitives

/// The texts by which a Git repository, and what is in it, are named.
///
/// Each is handed to programs as one argument, so none of them begins with `-`, and what a shell or a remote program
/// could take for something else is refused. The patterns of `gitrepository.json` say the same.
enum GitText {
    /// An absolute path, a `file` URL, `(https|http|ssh|git)://[USER@]HOST[:PORT][/PATH]`, or `USER@HOST:PATH`. A
    /// password has no place in it.
    static func isURL(_ text: String) -> Bool {
        for prefix in ["file:///", "/"] where text.utf8.starts(with: prefix.utf8) {
            let path = text.utf8.dropFirst(prefix.utf8.count)
            return !path.isEmpty && path.allSatisfy { $0 > 0x20 && $0 != 0x7f }
        }
        for scheme in ["https://", "http://", "ssh://", "git://"] where text.utf8.starts(with: scheme.utf8) {
            let rest = text.utf8.dropFirst(scheme.utf8.count)
            let authority = rest.prefix { $0 != UInt8(ascii: "/") }
            return isAuthority(authority) && rest[authority.endIndex...].allSatisfy(isGraphic)
        }
        guard let at = text.utf8.firstIndex(of: UInt8(ascii: "@")), isUser(text.utf8[..<at]) else { return false }
        return isHostAndPath(text.utf8[text.utf8.index(after: at)...])
    }

    /// Words of letters, digits, `-`, `+`, `#`, `@` and `_`, with one `.` or `/` between two. It is narrower than what
    /// Git takes.
    static func isReference(_ text: String) -> Bool {
        var isWordBefore = false
        for (position, byte) in text.utf8.enumerated() {
            let isWord = isLetterOrDigit(byte) || "_-+#@".utf8.contains(byte)
            if position == 0, !isWord || "-+#@".utf8.contains(byte) { return false }
            guard isWord || isWordBefore && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")) else {
                return false
            }
            isWordBefore = isWord
        }
        return isWordBefore
    }

    static func isCommit(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// `.`, or names with one `/` between two, none of which is `.` or `..`.
    static func isPath(_ text: String) -> Bool {
        text == "."
            || text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { name in
                !name.isEmpty && !name.elementsEqual(".".utf8) && !name.elementsEqual("..".utf8)
                    && name.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
            }
    }

    /// `TYPE BASE64 [COMMENT]` in printable ASCII.
    static func isPublicKey(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, keyTypes.contains(where: { parts[0].elementsEqual($0.utf8) }) else { return false }
        let digits = parts[1].reversed().drop { $0 == UInt8(ascii: "=") }
        return !digits.isEmpty && parts[1].count - digits.count <= 2
            && digits.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }
            && parts.dropFirst(2).allSatisfy { $0.allSatisfy { (0x20...0x7e).contains($0) } }
    }

    private static let keyTypes = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// `[USER@]HOST[:PORT]`.
    private static func isAuthority(_ text: Substring.UTF8View) -> Bool {
        var host = text
        if let at = text.firstIndex(of: UInt8(ascii: "@")) {
            guard isUser(text[..<at]) else { return false }
            host = text[text.index(after: at)...]
        }
        guard let (name, rest) = splitHost(host), isHost(name) else { return false }
        guard !rest.isEmpty else { return true }
        let digits = rest.dropFirst()
        return (1...5).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// `HOST:PATH`.
    private static func isHostAndPath(_ text: Substring.UTF8View) -> Bool {
        guard let (name, rest) = splitHost(text), isHost(name), let first = rest.dropFirst().first else { return false }
        return first != UInt8(ascii: "-") && rest.allSatisfy(isGraphic)
    }

    /// A host and what follows it, which is empty or begins with a colon.
    private static func splitHost(
        _ text: Substring.UTF8View
    ) -> (host: Substring.UTF8View, rest: Substring.UTF8View)? {
        var end = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        if text.first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = text.index(after: close)
            guard end == text.endIndex || text[end] == UInt8(ascii: ":") else { return nil }
        }
        return (text[..<end], text[end...])
    }

    private static func isHost(_ text: Substring.UTF8View) -> Bool {
        if text.first == UInt8(ascii: "[") {
            let address = text.dropFirst().dropLast()
            return !address.isEmpty
                && address.allSatisfy { byte in
                    (0x30...0x3a).contains(byte) || (0x61...0x66).contains(byte | 0x20)
                }
        }
        return isWord(text, also: "-._")
    }

    private static func isUser(_ text: Substring.UTF8View) -> Bool { isWord(text, also: "-._+") }

    /// Letters, digits and these, of which only `_` may be the first.
    private static func isWord(_ text: Substring.UTF8View, also others: String) -> Bool {
        guard let first = text.first, isLetterOrDigit(first) || first == UInt8(ascii: "_") else { return false }
        return text.allSatisfy { isLetterOrDigit($0) || others.utf8.contains($0) }
    }

    private static func isGraphic(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
    }
}
