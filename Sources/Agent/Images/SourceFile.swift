import CLinux
import Glibc
import Host

/// A file of this host that an image is read from: opened below an allowed directory, and proven to be a plain file.
///
/// All of it is quick: what lies at the path is looked at before anything is asked of it, and a file that has nothing
/// to give says so at once.
final class SourceFile: Sendable {
    private let descriptor: Int32
    /// When it was opened.
    let byteCount: Int64

    /// - Parameter home: The data directory of this node, from which nothing is ever read.
    init(_ source: String, allowed: SourceDirectories, home: String) throws(AgentError) {
        let place = try allowed.place(of: source)
        let directory = clinux_open_place(place.directory)
        guard directory >= 0 else { throw .system("open the allowed directory \(place.directory)") }
        defer { close(directory) }
        let found = clinux_open_beneath(directory, place.name)
        guard found >= 0 else {
            if errno == EXDEV || errno == ELOOP {
                throw AgentError(
                    "a link on its path leads out of \(place.directory), the directory that this node allows; "
                        + "write where the file itself is")
            }
            throw .system("open it")
        }
        defer { close(found) }
        var status = stat()
        guard fstat(found, &status) == 0 else { throw .system("look at it") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw AgentError("it is \(Self.kind(status.st_mode)), not a plain file")
        }
        try Self.refusePseudoFile(found)
        try PrivatePlaces(home: home).refuse(found, status)
        // The same file, this time to be read. A plain file does not wait for a writer; the flag is for those that only
        // look like one.
        descriptor = open("/proc/self/fd/\(found)", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("read it") }
        byteCount = Int64(status.st_size)
    }

    /// A file that the image store keeps itself.
    init(kept path: String) throws(AgentError) {
        descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open \(path)") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at \(path)") }
        byteCount = Int64(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// The next bytes; empty at the end.
    func read(upTo limit: Int) throws(AgentError) -> [UInt8] {
        var count = 0
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, written in
            repeat {
                count = Glibc.read(descriptor, buffer.baseAddress, limit)
                code = errno
            } while count < 0 && code == EINTR
            written = max(0, count)
        }
        guard count >= 0 else { throw AgentError("can't read it: \(String(cString: strerror(code)))") }
        return bytes
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a FIFO"
        case S_IFSOCK: "a socket"
        case S_IFBLK, S_IFCHR: "a device"
        case S_IFLNK: "a link"
        default: "something else"
        }
    }

    /// Files of the kernel look like plain ones.
    private static func refusePseudoFile(_ descriptor: Int32) throws(AgentError) {
        let kind = clinux_file_system_kind(descriptor)
        guard kind >= 0 else { throw .system("tell its file system") }
        guard !pseudoFileSystems.contains(kind) else {
            throw AgentError("it is made up by the kernel, not a file of a disk")
        }
    }

    /// proc, sysfs, debugfs, tracefs, cgroup, cgroup2, securityfs, configfs, bpf, pstore (linux/magic.h).
    private static let pseudoFileSystems: Set<Int64> = [
        0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x0027_e0eb, 0x6367_7270, 0x7363_6673, 0x6265_6570,
        0xcafe_4a11, 0x6165_676c,
    ]
}
