import Primitives

/// A path with patterns in it, which `-f` takes as it takes the paths that match: `vms/*.yaml`, `envs/**/vm-[0-9].json`.
///
/// `**` stands for any number of directories, also for none; at the end it is every manifest below. A pattern does not
/// match names that begin with a dot. What it says of a name is said in ``NamePattern``.
struct PathPattern {
    private enum Part {
        case name([UInt8])
        case pattern(NamePattern)
        case directories
        /// Files with the extension of a manifest.
        case manifests
    }

    private let start: LocalPath?
    private let parts: [Part]

    /// Whether text has signs that are special in a pattern.
    static func isPattern(_ text: String) -> Bool { text.utf8.contains { "*?[".utf8.contains($0) } }

    /// - Throws: If a bracket is not closed.
    init(_ text: String) throws(CommandFailure) {
        start = text.hasPrefix("/") ? LocalPath("/") : nil
        var parts: [Part] = []
        for part in text.split(separator: "/") {
            if part == "**" {
                if case .directories? = parts.last { continue }
                parts.append(.directories)
            } else if Self.isPattern(String(part)) {
                guard let pattern = NamePattern(part) else {
                    throw .error("\"\(part.description.harmless)\" is no pattern: a bracket [ needs its set and ]")
                }
                parts.append(.pattern(pattern))
            } else {
                parts.append(.name(Array(part.utf8)))
            }
        }
        if case .directories? = parts.last { parts.append(.manifests) }
        self.parts = parts
    }

    /// Whatever matches, each once, in the order of the names; with `**` only files, because directories are searched.
    ///
    /// - Throws: If a directory that has to be searched can't be.
    func paths() throws(FileFailure) -> [LocalPath] {
        var search = Search(parts: parts)
        try search.follow(from: start, part: 0)
        return search.found
    }

    private struct Search {
        let parts: [Part]
        private(set) var found: [LocalPath] = []
        private var known: Set<LocalPath> = []
        /// A link may lead back to where the search has been.
        private var searched: Set<Place> = []

        private struct Place: Hashable {
            let directory: LocalPath.DirectoryIdentity
            let part: Int
        }

        init(parts: [Part]) {
            self.parts = parts
        }

        private var isDeep: Bool { parts.contains { if case .directories = $0 { true } else { false } } }

        /// - Parameter directory: Nil for the current one.
        mutating func follow(from directory: LocalPath?, part: Int) throws(FileFailure) {
            let listed = directory ?? LocalPath(".")
            switch parts[part] {
            case .name(let name):
                let path = LocalPath.named(name, in: directory)
                if try LocalFiles.kind(of: path) != nil { try take(path, part: part) }
            case .pattern(let pattern):
                for name in try listed.names() where pattern.matches(name) {
                    try take(LocalPath.named(name, in: directory), part: part)
                }
            case .manifests:
                for name in try listed.names() {
                    let path = LocalPath.named(name, in: directory)
                    if path.isManifest { try take(path, part: part) }
                }
            case .directories:
                if let identity = listed.identity,
                    !searched.insert(Place(directory: identity, part: part)).inserted
                {
                    return
                }
                try follow(from: directory, part: part + 1)
                for name in try listed.names() {
                    let path = LocalPath.named(name, in: directory)
                    if Self.isDirectory(path) { try follow(from: path, part: part) }
                }
            }
        }

        /// What matches the last part is taken whatever it is, so that a link that leads nowhere is an error where it
        /// is read.
        private mutating func take(_ path: LocalPath, part: Int) throws(FileFailure) {
            if part < parts.count - 1 {
                if Self.isDirectory(path) { try follow(from: path, part: part + 1) }
            } else if !isDeep || !Self.isDirectory(path), known.insert(path).inserted {
                found.append(path)
            }
        }

        private static func isDirectory(_ path: LocalPath) -> Bool {
            // What can't be examined can't be searched either.
            (try? LocalFiles.kind(of: path)) == .directory
        }
    }
}

extension LocalPath {
    /// A name in a directory; nil for the current one.
    fileprivate static func named(_ name: [UInt8], in directory: LocalPath?) -> LocalPath {
        directory?.appending(name) ?? LocalPath(name: name)
    }
}
