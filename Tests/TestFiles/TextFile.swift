import Glibc

/// A file that a test can't write.
package struct TextFileFailure: Error, CustomStringConvertible {
    package let description: String
}

/// Whole files as text, without any help from outside the standard C library.
package enum TextFile {
    /// Nil if it can't be read.
    package static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Makes or replaces a file for the owner alone.
    package static func write(_ text: String, to path: String) throws(TextFileFailure) {
        try write(text, to: path, O_TRUNC)
    }

    package static func append(_ text: String, to path: String) throws(TextFileFailure) {
        try write(text, to: path, O_APPEND)
    }

    private static func write(_ text: String, to path: String, _ manner: Int32) throws(TextFileFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | manner, 0o600)
        guard descriptor >= 0 else {
            throw TextFileFailure(description: "\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw TextFileFailure(description: "\(path): it can't be written")
        }
    }

    /// The last lines, for a failure's message.
    package static func tail(_ path: String, lines: Int) -> String {
        (read(path) ?? "").split(separator: "\n").suffix(lines).joined(separator: "\n")
    }

    /// The names in a directory, ascending; none if there is no such directory.
    package static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Every file below a directory whose name ends so and none of whose names begins with a dot, ascending by path.
    package static func paths(below directory: String, ending: String) -> [String] {
        names(in: directory).flatMap { name -> [String] in
            let path = directory + "/" + name
            if name.hasPrefix(".") { return [] }
            if isDirectory(path) { return paths(below: path, ending: ending) }
            return name.hasSuffix(ending) ? [path] : []
        }.sorted()
    }

    package static func isDirectory(_ path: String) -> Bool { kind(path) == S_IFDIR }

    package static func isFile(_ path: String) -> Bool { kind(path) == S_IFREG }

    private static func kind(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// Where a symbolic link leads; nil if there is none.
    package static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Removes a file, or a directory with everything in it; what can't be removed stays.
    package static func remove(tree path: String) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) { remove(tree: path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
