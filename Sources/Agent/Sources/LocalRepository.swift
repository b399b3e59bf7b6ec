import Glibc
import Reconcile

/// A repository of this host: below an allowed directory, with links followed before that is decided, and whole, so that
/// nothing of it lies elsewhere. Blocks, but not for long.
struct LocalRepository {
    let allowed: SourceDirectories
    /// The data directory of this node, from which nothing is ever read.
    let home: String

    /// The directory with the repository's own files, of which no part is a link.
    ///
    /// - Throws: Why it is not fetched from.
    func directory(of path: String) throws(SourceFailure) -> String {
        guard !path.utf8.contains(0), let place = Self.resolved(path) else {
            // Whether something is there is not told of places that are not allowed.
            try check(path, said: path)
            throw .fetchFailed("the repository \"\(path)\" can't be found: \(String(cString: strerror(errno)))")
        }
        try check(place, said: path)
        let directory = Self.kind(place + "/.git") == nil ? place : place + "/.git"
        guard Self.kind(directory) == S_IFDIR, Self.kind(directory + "/HEAD") == S_IFREG else {
            throw .fetchFailed(
                Self.kind(directory) == S_IFDIR
                    ? "there is no Git repository in \"\(path)\""
                    : "the repository \"\(path)\" lies elsewhere: name the place itself")
        }
        for name in ["objects", "refs"] where Self.kind(directory + "/" + name) == S_IFLNK {
            throw Self.scattered(path, name)
        }
        for name in ["commondir", "objects/info/alternates", ".git"] where Self.kind(directory + "/" + name) != nil {
            throw Self.scattered(path, name)
        }
        try refusePrivatePlace(directory + "/HEAD", said: path)
        return directory
    }

    private func check(_ place: String, said path: String) throws(SourceFailure) {
        guard !allowed.directories.isEmpty else {
            throw .fetchFailed(
                "this node allows no directory to fetch from; start it with --source-dir DIRECTORY, or serve the "
                    + "repository by http, ssh or git")
        }
        let resolved = SourceDirectories(directories: allowed.directories.map { Self.resolved($0) ?? $0 })
        do throws(AgentError) {
            // A file in it: the allowed directory may be the repository itself.
            _ = try resolved.place(of: place + "/HEAD")
        } catch {
            throw .fetchFailed(
                "the repository \"\(path)\" is not below a directory that this node allows (\(allowed.list)); start "
                    + "the node with --source-dir for it as well")
        }
    }

    private func refusePrivatePlace(_ file: String, said path: String) throws(SourceFailure) {
        let descriptor = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .fetchFailed("the repository \"\(path)\" can't be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .fetchFailed("the repository \"\(path)\" can't be read") }
        do throws(AgentError) {
            try PrivatePlaces(home: home).refuse(descriptor, status)
        } catch {
            throw .fetchFailed("the repository \"\(path)\" lies in the data directory of a node; move it elsewhere")
        }
    }

    private static func scattered(_ path: String, _ name: String) -> SourceFailure {
        .fetchFailed(
            "parts of the repository \"\(path)\" lie elsewhere (\(name)), and only whole ones are fetched from: make one "
                + "with git clone --bare")
    }

    /// The file type bits of what lies at a path; nil if nothing does.
    private static func kind(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// The path without links; nil if there is nothing, with `errno`.
    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(validatingCString: real)
    }
}
