import Glibc

/// Why a file can't be used.
public struct FileFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public var path: String
    public var problem: String

    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    /// With the error number that the last system call of this thread left.
    static func last(_ path: String, _ attempt: String) -> FileFailure {
        FileFailure(path: path, problem: "\(attempt): \(String(cString: strerror(errno)))")
    }

    public var description: String { "\(path): \(problem)" }
}

/// Reads files and directories that people name.
enum LocalFiles {
    enum Kind {
        case file
        case directory
    }

    /// What a path leads to; nil if there is nothing.
    static func kind(of path: String) throws(FileFailure) -> Kind? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .last(path, "it can't be examined")
        }
        return status.st_mode & S_IFMT == S_IFDIR ? .directory : .file
    }

    /// All bytes of a file, a pipe or a terminal.
    static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last(path, "it can't be opened") }
        defer { close(descriptor) }
        return try read(descriptor: descriptor, name: path, limit: limit)
    }

    static func read(descriptor: Int32, name: String, limit: Int) throws(FileFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last(name, "it can't be read") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw FileFailure(path: name, problem: "it is too large: a manifest file may have \(limit) bytes")
            }
        }
    }

    /// The names in a directory, sorted by their bytes, without those that begin with a dot.
    static func names(in directory: String) throws(FileFailure) -> [String] {
        guard let stream = opendir(directory) else { throw .last(directory, "it can't be listed") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension LocalFiles {
    /// The path from the root on, without `.` and empty parts; links are not followed.
    static func absolute(_ path: String) -> String {
        var whole = path
        if !path.hasPrefix("/") {
            guard let current = getcwd(nil, 0) else { return path }
            defer { free(current) }
            whole = String(cString: current) + "/" + path
        }
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
