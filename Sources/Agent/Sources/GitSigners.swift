import Primitives
import Reconcile

/// The keys of which one must have signed a commit, as ssh-keygen reads them. Pure.
struct GitSigners: Equatable, Sendable {
    /// The lines of an `allowed_signers` file. Each allows its key to sign for Git and for nothing else.
    let text: String

    /// - Parameter keys: Public keys in the form of OpenSSH; what stands behind a key is its comment.
    /// - Throws: For what is no such key.
    init(_ keys: [String]) throws(SourceFailure) {
        var lines: [String] = []
        for key in keys {
            let words = key.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, Self.isType(words[0]), words[1].utf8.allSatisfy(Self.isBase64) else {
                throw .fetchFailed(
                    "\"\(key.harmless(limit: 100))\" in verifyKeys is no public key of OpenSSH, such as "
                        + "\"ssh-ed25519 AAAA...\"")
            }
            lines.append("signer namespaces=\"git\" \(words[0]) \(words[1])\n")
        }
        text = lines.joined()
    }

    private static func isType(_ word: Substring) -> Bool {
        ["ssh-", "ecdsa-sha2-", "sk-"].contains(where: word.hasPrefix)
            && word.utf8.allSatisfy {
                isBase64($0) || [UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: ".")].contains($0)
            }
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || [UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "=")].contains(byte)
    }
}
