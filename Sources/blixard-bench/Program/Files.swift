import Glibc

/// What benchmarks read of files and directories.
enum Files {
    /// What one file of a directory was like.
    struct Trace: Equatable {
        var size: Int
        var modifiedNanoseconds: Int
    }

    /// Nil if it can't be read.
    static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return result }
            result += buffer[..<count]
        }
    }

    /// Writes a new file.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BenchmarkFailure("\(path) can't be created: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        // Small enough for one call; a disk that is full is no place to measure at.
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw BenchmarkFailure("\(path) can't be written: \(String(cString: strerror(errno)))")
        }
    }

    static func text(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A size of `/proc/PID/status`, such as `VmRSS`; nil if it is not there.
    static func kibibytes(_ name: String, in path: String) -> Int? {
        let line = (text(path) ?? "").split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) }
    }

    static func target(ofLink path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What stands before the last `/`; `.` for a bare name.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The names in a directory, in no order; none if it can't be read.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// All files and directories below a directory, by path.
    static func traces(below directory: String) -> [String: Trace] {
        var traces: [String: Trace] = [:]
        var left = [directory]
        while let path = left.popLast() {
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            traces[path] = Trace(
                size: Int(status.st_size),
                modifiedNanoseconds: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
            if status.st_mode & S_IFMT == S_IFDIR { left += names(in: path).map { "\(path)/\($0)" } }
        }
        return traces
    }

    static func removeTree(_ directory: String) {
        // Deeper paths are longer, so a directory comes after what is in it. What is left over is only rubbish.
        for path in traces(below: directory).keys.sorted(by: { ($0.utf8.count, $0) > ($1.utf8.count, $1) }) {
            _ = remove(path)
        }
    }

    /// The kind of the file system that holds an absolute path: `ext4`, `tmpfs`.
    static func fileSystem(of path: String) -> String {
        var best: (length: Int, kind: String) = (0, "an unknown file system")
        // As proc(5) says: the fifth field is where it is mounted, and the kind comes behind a lone hyphen.
        for line in (text("/proc/self/mountinfo") ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let hyphen = fields.firstIndex(of: "-"), hyphen + 1 < fields.count else { continue }
            let point = String(fields[4])
            let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
            if isAbove, point.utf8.count >= best.length { best = (point.utf8.count, String(fields[hyphen + 1])) }
        }
        return best.kind == "tmpfs" ? "tmpfs, where nothing is really written" : best.kind
    }
}
