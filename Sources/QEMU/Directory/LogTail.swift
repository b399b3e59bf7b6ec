import Glibc

/// The end of a text file that another program writes.
enum LogTail {
    /// The last `limit` bytes as text; empty if the file can't be read.
    static func read(_ path: String, limit: Int) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        return read(descriptor, limit: limit)
    }

    /// Of an open file.
    static func read(_ descriptor: Int32, limit: Int) -> String {
        let size = lseek(descriptor, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor, &bytes, limit, max(0, size - limit))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
