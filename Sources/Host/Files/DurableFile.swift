import Glibc
import Synchronization

/// Small files that are replaced as a whole: keys, registry files, launch records.
///
/// A reader, also after a crash at any moment, finds the old content or the new one, never a mixture and never nothing.
public enum DurableFile {
    /// Writes a file with the given permissions and returns when content and name are durable.
    ///
    /// The bytes go to a new file beside it, are synced, and take the name by a rename.
    ///
    /// - Parameter mode: Permission bits, such as 0o600 for a secret; the process's mask does not narrow them.
    /// - Throws: If the disk fails; the old content stands then, or the new one that may not be durable.
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(DiskError) {
        let disk = FileSystemDisk()
        let temporary = try writeBeside(path, bytes, mode: mode_t(mode))
        do {
            try disk.rename(temporary, to: path)
        } catch {
            discard(temporary)
            throw error
        }
        try disk.syncDirectory(directory(of: path))
    }

    /// Writes a file that must not be there yet; of several writers at once exactly one succeeds.
    ///
    /// Throws with ``DiskError/isAlreadyThere`` if the name is taken. For keys, which are created once.
    public static func create(_ bytes: [UInt8], at path: String, mode: UInt32) throws(DiskError) {
        let temporary = try writeBeside(path, bytes, mode: mode_t(mode))
        // Only the second of its two names is wanted.
        defer { discard(temporary) }
        // Unlike a rename, a link fails if the name is taken.
        try retryingInterrupted(.create, path) { link(temporary, path) }
        try FileSystemDisk().syncDirectory(directory(of: path))
    }

    /// Writes and syncs a new file beside the one that it is for, and answers its path. No other call uses that name,
    /// in this process or another one.
    private static func writeBeside(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(DiskError) -> String {
        let disk = FileSystemDisk()
        let number = temporaries.wrappingAdd(1, ordering: .relaxed).newValue
        let temporary = "\(path).\(getpid()).\(number).tmp"
        do {
            // A process of this number, which crashed, may have left it behind.
            try disk.remove(temporary)
        } catch  where error.isNotFound {
            // The usual case: nothing was left behind.
        }
        do {
            let file = try disk.create(temporary, mode: mode)
            defer { file.close() }
            try file.write(bytes, at: 0)
            try file.sync()
        } catch {
            discard(temporary)
            throw error
        }
        return temporary
    }

    private static let temporaries = Atomic<UInt64>(0)

    /// Removes a file that is of no use; another failure is the one to act upon.
    private static func discard(_ temporary: String) {
        try? FileSystemDisk().remove(temporary)
    }

    /// The whole content of a file, which must not be longer than `limit` bytes.
    ///
    /// - Throws: With ``DiskError/isNotFound`` if there is no such file, and for a longer one.
    public static func read(_ path: String, limit: Int) throws(DiskError) -> [UInt8] {
        let file = try FileSystemDisk().open(path, for: .reading)
        defer { file.close() }
        let bytes = try file.read(at: 0, count: limit + 1)
        guard bytes.count <= limit else { throw DiskError(.read, path, code: EFBIG) }
        return bytes
    }

    /// The same; nil if there is no such file.
    ///
    /// - Throws: For a longer file, and if the disk fails.
    public static func readIfPresent(_ path: String, limit: Int) throws(DiskError) -> [UInt8]? {
        do throws(DiskError) {
            return try read(path, limit: limit)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// The permission bits of a file, such as 0o600.
    ///
    /// - Throws: With ``DiskError/isNotFound`` if there is no such file.
    public static func mode(of path: String) throws(DiskError) -> UInt32 {
        var status = stat()
        try retryingInterrupted(.open, path) { stat(path, &status) }
        return status.st_mode & 0o7777
    }

    /// Removes a file and makes that durable; one that is not there is removed already.
    ///
    /// - Throws: If the disk fails; the file may be gone then, but not durably.
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
    ///
    /// - Throws: If a name on the way is that of a file, or the disk fails.
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
