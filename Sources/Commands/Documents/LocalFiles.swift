import Glibc
import Primitives

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

    /// On one line.
    public var description: String { "\(path): \(problem)".harmless }
}

/// Reads files and directories that people name.
enum LocalFiles {
    enum Kind: Equatable {
        case file
        case directory
        /// A FIFO, a socket or a device, by its name: reading it may block, or never end.
        case special(String)
    }

    /// What a path leads to; nil if there is nothing.
    static func kind(of path: String) throws(FileFailure) -> Kind? { try kind(of: LocalPath(path)) }

    static func kind(of path: LocalPath) throws(FileFailure) -> Kind? {
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .last(path.shown, "it can't be examined")
        }
        return kind(of: status)
    }

    private static func kind(of status: stat) -> Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        case S_IFIFO: .special("a FIFO")
        case S_IFSOCK: .special("a socket")
        default: .special("a device")
        }
    }

    /// Whether a path is the name of a descriptor that this process was given, as a shell's `<(...)` is.
    static func isDescriptor(_ path: String) -> Bool {
        path == "/dev/stdin" || ["/dev/fd/", "/proc/self/fd/"].contains(where: path.hasPrefix)
    }

    /// All bytes of a file; of what is no file only a descriptor's that this process was given.
    static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8] {
        if isDescriptor(path) {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .last(path, "it can't be opened") }
            defer { close(descriptor) }
            return try read(descriptor: descriptor, name: path, limit: limit)
        }
        return try read(LocalPath(path), limit: limit)
    }

    static func read(_ path: LocalPath, limit: Int) throws(FileFailure) -> [UInt8] {
        // Opening a FIFO would wait for its writer.
        let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else {
            if errno == ENXIO { throw FileFailure(path: path.shown, problem: special("a socket or a device")) }
            throw .last(path.shown, "it can't be opened")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last(path.shown, "it can't be examined") }
        switch kind(of: status) {
        case .file: break
        case .directory: throw FileFailure(path: path.shown, problem: "it is a directory, and a file is needed")
        case .special(let what): throw FileFailure(path: path.shown, problem: special(what))
        }
        guard status.st_size <= limit else { throw tooLarge(path.shown, limit) }
        return try read(descriptor: descriptor, name: path.shown, limit: limit)
    }

    private static func special(_ what: String) -> String {
        "it is \(what), and only files are read; standard input is read with -f -"
    }

    private static func tooLarge(_ name: String, _ limit: Int) -> FileFailure {
        FileFailure(path: name, problem: "it is too large: it may have \(limit) bytes")
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
            guard bytes.count <= limit else { throw tooLarge(name, limit) }
        }
    }

    /// The last bytes of a file, of which there may be many more.
    static func tail(of path: String, limit: Int) throws(FileFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last(path, "it can't be opened") }
        defer { close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0, lseek(descriptor, max(0, end - limit), SEEK_SET) >= 0 else {
            throw .last(path, "it can't be examined")
        }
        // What is written meanwhile comes on top.
        return try read(descriptor: descriptor, name: path, limit: 2 * limit)
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
