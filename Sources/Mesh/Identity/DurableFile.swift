import Glibc

/// Small files that are there wholly or not at all, also after a power cut.
enum DurableFile {
    struct Contents {
        var bytes: [UInt8]
        var mode: mode_t
    }

    /// The file's bytes and mode; nil if there is none.
    static func read(_ path: String, limit: Int) throws(MeshError) -> Contents? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw failure(path, "can't be opened")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, "can't be examined") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .file(path: path, problem: "not a regular file") }
        guard status.st_size <= limit else {
            throw .file(path: path, problem: "\(status.st_size) bytes; at most \(limit) are expected")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "can't be read") }
            if count == 0 { return Contents(bytes: bytes, mode: status.st_mode & 0o7777) }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw .file(path: path, problem: "more than \(limit) bytes") }
        }
    }

    /// Creates the file unless there is one; says whether it did.
    static func createOnce(_ bytes: [UInt8], at path: String, mode: mode_t) throws(MeshError) -> Bool {
        let temporary = try writeAside(bytes, for: path, mode: mode)
        // A hard link, unlike a rename, never takes the place of a file that is there.
        let linked = link(temporary, path) == 0
        let problem = errno
        unlink(temporary)
        if !linked {
            if problem == EEXIST { return false }
            throw failure(path, "can't be created", number: problem)
        }
        try syncDirectory(of: path)
        return true
    }

    /// Puts the bytes in the place of whatever file is there.
    static func replace(_ bytes: [UInt8], at path: String, mode: mode_t) throws(MeshError) {
        let temporary = try writeAside(bytes, for: path, mode: mode)
        guard rename(temporary, path) == 0 else {
            let problem = errno
            unlink(temporary)
            throw failure(path, "can't be replaced", number: problem)
        }
        try syncDirectory(of: path)
    }

    private static func writeAside(_ bytes: [UInt8], for path: String, mode: mode_t) throws(MeshError) -> String {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(temporary, "can't be created") }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw abandoned(temporary, "can't be written") }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw abandoned(temporary, "can't be synced") }
        return temporary
    }

    private static func abandoned(_ temporary: String, _ what: String) -> MeshError {
        let problem = errno
        unlink(temporary)
        return failure(temporary, what, number: problem)
    }

    private static func syncDirectory(of path: String) throws(MeshError) {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(directory, "can't be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(directory, "can't be synced") }
    }

    private static func failure(_ path: String, _ what: String, number: Int32 = errno) -> MeshError {
        .file(path: path, problem: "\(what): \(String(cString: strerror(number)))")
    }
}
