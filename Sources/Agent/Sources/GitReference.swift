import Primitives
import Reconcile

extension SourceReference {
    /// What the remote calls it, as the source of a refspec.
    ///
    /// - Throws: For a name that no branch or tag can have, and for a commit that is not named in full.
    func remoteName() throws(SourceFailure) -> String {
        switch self {
        case .head: return "HEAD"
        case .branch(let name): return "refs/heads/" + (try Self.checked(name, "branch"))
        case .tag(let name): return "refs/tags/" + (try Self.checked(name, "tag"))
        case .commit(let name):
            guard [40, 64].contains(name.utf8.count), name.utf8.allSatisfy(Self.isHexDigit) else {
                throw .fetchFailed("\"\(name.harmless(limit: 80))\" is not the full name of a commit")
            }
            return name
        }
    }

    /// For messages.
    var words: String {
        switch self {
        case .head: "default branch"
        case .branch(let name): "branch \"\(name.harmless(limit: 256))\""
        case .tag(let name): "tag \"\(name.harmless(limit: 256))\""
        case .commit(let name): "commit \(name.harmless(limit: 64))"
        }
    }

    /// A name that means itself in a refspec.
    private static func checked(_ name: String, _ what: String) throws(SourceFailure) -> String {
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && !"~^:?*[\\".utf8.contains($0) }
        guard !name.isEmpty, !name.hasPrefix("-"), isPlain, !name.contains("..") else {
            throw .fetchFailed("\"\(name.harmless(limit: 256))\" can't be the name of a \(what)")
        }
        return name
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
