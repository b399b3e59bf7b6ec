import Glibc

/// A connected stream socket that gives up after a while. Closed when it goes out of scope.
final class PlainSocket {
    private let descriptor: Int32

    /// Connects to a port of 127.0.0.1.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in(loopbackPort: port)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            let reason = String(cString: strerror(errno))
            throw TestFailure("nobody answers at port \(port): \(reason)")
        }
        limitReads()
    }

    /// Connects to a socket in a directory, however long the directory's path is.
    init(directory: String, name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(folder)/\(name)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            throw TestFailure("nobody answers at \(directory)/\(name): \(String(cString: strerror(errno)))")
        }
        limitReads()
    }

    deinit {
        close(descriptor)
    }

    private func limitReads() {
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw TestFailure("\(bytes.count) bytes can't be sent: \(String(cString: strerror(errno)))")
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// What has come; empty at the end. Throws when nothing comes for half a minute.
    func receive() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        // A peer that throws the connection away ends it, too.
        if count < 0, errno == ECONNRESET || errno == EPIPE { return [] }
        guard count >= 0 else { throw TestFailure("nothing comes: \(String(cString: strerror(errno)))") }
        return Array(bytes[..<count])
    }

    /// Everything until the other side closes.
    func receiveAll() throws -> String {
        var bytes: [UInt8] = []
        while case let more = try receive(), !more.isEmpty { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// One request to a plain HTTP port.
struct PlainResponse {
    let status: Int
    let head: String
    let body: String

    init(port: Int, path: String) throws {
        let text = try Self.raw(port: port, "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let words = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 2, words.count == 3, let number = Int(words[1]) else {
            throw TestFailure("this is no HTTP response: \(text)")
        }
        status = number
        head = String(parts[0])
        body = String(parts[1])
    }

    /// What a port says to some text, until it hangs up.
    static func raw(port: Int, _ text: String) throws -> String {
        let socket = try PlainSocket(port: port)
        try socket.send(text)
        return try socket.receiveAll()
    }
}
