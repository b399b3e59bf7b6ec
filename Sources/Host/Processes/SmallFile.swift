import Glibc

/// Files of `/proc` and `/sys`, whose size is not known before they are read.
enum SmallFile {
    /// The content as text, at most about `limit` bytes of it; nil if it can't be read.
    static func text(_ path: String, limit: Int = 64 << 10) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while content.count < limit {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            content += buffer.prefix(count)
        }
        return String(decoding: content, as: UTF8.self)
    }
}
