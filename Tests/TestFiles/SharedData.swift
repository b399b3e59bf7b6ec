import Glibc

/// Where tests find what does not lie beside them: the package, and data that is published beside the checkout.
package enum SharedData {
    package static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Whether everything must be there, so that nothing is skipped for want of it: in CI.
    package static let isRequired = environment("CI") != nil

    /// The directory that the package's manifest is in.
    package static let packageDirectory = parent(parent(parent(#filePath)))

    /// A directory of published data: below `BLIXARD_SHARED` if that is set, else below `shared` beside the checkout or
    /// beside any directory above it; nil if there is none.
    package static func directory(_ name: String) -> String? {
        if let shared = environment("BLIXARD_SHARED") { return existing(shared + "/" + name) }
        var directory = packageDirectory
        while !directory.isEmpty {
            if let found = existing(directory + "/shared/" + name) { return found }
            directory = parent(directory)
        }
        return existing("/shared/" + name)
    }

    private static func existing(_ path: String) -> String? { TextFile.isDirectory(path) ? path : nil }

    /// Empty for the root directory.
    private static func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
