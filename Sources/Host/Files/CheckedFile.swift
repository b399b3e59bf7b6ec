import Glibc

/// Notes of how a file looked when its content was checked, beside the file: enough to notice that it has been written
/// to it since, without reading it again.
public enum CheckedFile {
    public enum Standing: Equatable, Sendable {
        /// It looks as it did when it was checked.
        case unchanged
        /// Its size, its time of change or the file itself is another than was noted.
        case changed
        /// Nothing was noted, or nothing that can be read.
        case unknown
    }

    /// Of the note's name, behind the file's.
    public static let suffix = ".checked"

    /// Notes how the file looks now. A note that is lost costs another check.
    ///
    /// - Throws: where the file can't be looked at or the note can't be written.
    public static func note(_ path: String) throws(DiskError) {
        guard let look = look(path) else { throw DiskError(.open, path, code: errno) }
        try DurableFile.write(Array(look.utf8), to: path + suffix, mode: 0o600)
    }

    public static func standing(of path: String) -> Standing {
        guard let noted = SmallFile.text(path + suffix, limit: 200), !noted.isEmpty, let look = look(path) else {
            return .unknown
        }
        return noted == look ? .unchanged : .changed
    }

    /// Size, time of change in nanoseconds, and number of the file; nil with `errno`.
    private static func look(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ino)\n"
    }
}
