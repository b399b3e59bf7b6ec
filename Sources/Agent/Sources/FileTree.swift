import Glibc
import Host

/// Directories with all that is in them. Links are not followed. Blocks.
enum FileTree {
    /// Deeper than any directory that git makes for itself.
    private static let levels = 32

    /// How many bytes its files have. What goes away meanwhile counts nothing.
    static func byteCount(of path: String) -> Int64 {
        var sum: Int64 = 0
        visit(path, levels: levels) { _, status in
            if status.st_mode & S_IFMT == S_IFREG { sum += Int64(status.st_size) }
        }
        return sum
    }

    /// - Throws: If something of it stays.
    static func remove(_ path: String) throws(AgentError) {
        visit(path, levels: levels) { path, status in
            if status.st_mode & S_IFMT == S_IFDIR { rmdir(path) } else { unlink(path) }
        }
        var status = stat()
        guard lstat(path, &status) != 0, errno == ENOENT else { throw AgentError("can't remove \(path)") }
    }

    /// Calls for each file and directory, for a directory after what is in it.
    private static func visit(_ path: String, levels: Int, _ body: (String, stat) -> Void) {
        var status = stat()
        guard levels > 0, lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            // What can't be listed, or is gone, has nothing to visit.
            for name in (try? FileSystemDisk().list(path)) ?? [] { visit(path + "/" + name, levels: levels - 1, body) }
        }
        body(path, status)
    }
}
