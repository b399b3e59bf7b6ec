import Glibc

/// Small files that are replaced as a whole: keys, registry files, launch records.
///
/// A reader, also after a crash at any moment, finds the old content or the new one, never a mixture and never nothing.
public enum DurableFile {
    /// Writes a file with the given permissions and returns when content and name are durable.
    ///
    /// The bytes go to a new file beside it, are synced, and take the name by a rename. A file left beside it by a
    /// crash is replaced.
    ///
    /// - Parameter mode: Permission bits, such as 0o600 for a secret; the process's mask does not narrow them.
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(DiskError) {
        let disk = FileSystemDisk()
        // One writer at a time owns a name, but two processes must not write into one temporary file.
        let temporary = path + ".\(getpid()).tmp"
        do {
            try disk.remove(temporary)
        } catch  where error.isNotFound {
            // The usual case: nothing was left behind.
        }
        do {
            let file = try disk.create(temporary, mode: mode_t(mode))
            defer { file.close() }
            try file.write(bytes, at: 0)
            try file.sync()
            try disk.rename(temporary, to: path)
        } catch {
            // The failure that is thrown is the one to act upon; a leftover is removed by the next write.
            try? disk.remove(temporary)
            throw error
        }
        try disk.syncDirectory(directory(of: path))
    }

    /// Writes a file that must not be there yet; of several writers at once exactly one succeeds.
    ///
    /// Throws with ``DiskError/isAlreadyThere`` if the name is taken. For keys, which are created once.
    public static func create(_ bytes: [UInt8], at path: String, mode: UInt32) throws(DiskError) {
        let disk = FileSystemDisk()
        let temporary = path + ".\(getpid()).tmp"
        do {
            try disk.remove(temporary)
        } catch  where error.isNotFound {
            // The usual case: nothing was left behind.
        }
        let file = try disk.create(temporary, mode: mode_t(mode))
        defer {
            file.close()
            // Only the second of its two names is wanted; a leftover is removed by the next write.
            try? disk.remove(temporary)
        }
        try file.write(bytes, at: 0)
        try file.sync()
        // Unlike a rename, a link fails if the name is taken.
        try retryingInterrupted(.create, path) { link(temporary, path) }
        try disk.syncDirectory(directory(of: path))
    }

    /// The whole content of a file, which must not be longer than `limit` bytes.
    public static func read(_ path: String, limit: Int) throws(DiskError) -> [UInt8] {
        let file = try FileSystemDisk().open(path, for: .reading)
        defer { file.close() }
        let bytes = try file.read(at: 0, count: limit + 1)
        guard bytes.count <= limit else { throw DiskError(.read, path, code: EFBIG) }
        return bytes
    }

    /// Removes a file and makes that durable; one that is not there is removed already.
    public static func remove(_ path: String) throws(DiskError) {
        let disk = FileSystemDisk()
        do {
            try disk.remove(path)
        } catch  where error.isNotFound {
            return
        }
        try disk.syncDirectory(directory(of: path))
    }

    /// Makes a directory and those above it, each for the owner alone, and makes their names durable.
    public static func createDirectory(_ path: String) throws(DiskError) {
        let disk = FileSystemDisk()
        let parent = directory(of: path)
        if parent != path && access(parent, F_OK) != 0 { try createDirectory(parent) }
        try disk.createDirectory(path)
        try disk.syncDirectory(parent)
    }

    /// What stands before the last `/`.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
