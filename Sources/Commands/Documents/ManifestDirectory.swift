import Primitives

/// The manifest files of a directory.
struct ManifestDirectory {
    /// Whether directories below are searched too, those behind links among them; each is searched once.
    let recursive: Bool
    private(set) var files: [LocalPath] = []
    /// Manifests by their name that can't be read as files, and why.
    private(set) var problems: [FileFailure] = []
    private var searched: Set<LocalPath.DirectoryIdentity> = []

    init(_ path: LocalPath, recursive: Bool) throws(FileFailure) {
        self.recursive = recursive
        try search(path)
    }

    private mutating func search(_ directory: LocalPath) throws(FileFailure) {
        // A link may lead back to where the search has been.
        if let identity = directory.identity, !searched.insert(identity).inserted { return }
        for name in try directory.names() { try look(directory.appending(name)) }
    }

    private mutating func look(_ path: LocalPath) throws(FileFailure) {
        let isManifest = path.isManifest
        guard isManifest || recursive else { return }
        do {
            switch try LocalFiles.kind(of: path) {
            case .file: if isManifest { files.append(path) }
            case .directory: if recursive { try search(path) }
            case .special(let what):
                if isManifest {
                    problems.append(FileFailure(path: path.shown, problem: "it is \(what), and only files are read"))
                }
            case nil:
                if isManifest {
                    problems.append(FileFailure(path: path.shown, problem: "it is a link that leads nowhere"))
                }
            }
        } catch {
            // What no name says to be a manifest need not be one; a directory that can't be searched may hold some.
            guard isManifest || recursive && path.identity != nil else { return }
            problems.append(error)
        }
    }
}
