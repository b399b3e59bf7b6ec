import CLinux
import Glibc
import Host

/// Connects to sockets in a machine directory, however long its path is.
enum ControlSocket {
    /// A connected, non-blocking socket; nil if no process listens there.
    ///
    /// A socket's address holds at most 107 bytes of path, so it is reached through a descriptor of its directory.
    static func connect(directory: String, name: String) throws(HostError) -> Int32? {
        let parent = clinux_open_place(directory)
        guard parent >= 0 else {
            if errno == ENOENT { return nil }
            throw HostError("open \(directory)", code: errno)
        }
        defer { close(parent) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw HostError("make a socket", code: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(parent)/\(name)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            precondition(path.count < target.count, "socket name \(name) is too long")
            target.copyBytes(from: path)
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if result == 0 { return descriptor }
        let code = errno
        close(descriptor)
        switch code {
        // No such file; a file whose listener is gone; a listener whose queue is full, which will be asked again.
        case ENOENT, ECONNREFUSED, EAGAIN: return nil
        default: throw HostError("connect to \(directory)/\(name)", code: code)
        }
    }
}
