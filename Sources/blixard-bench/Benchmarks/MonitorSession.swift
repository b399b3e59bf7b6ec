import Glibc
import JSONText

/// As little of QEMU's control protocol as it takes to see a guest run.
enum MonitorSession {
    /// Connects as soon as the socket is there, and asks until the guest runs. Blocks.
    static func waitUntilRunning(_ path: String) throws(BenchmarkFailure) {
        let watch = Stopwatch()
        let descriptor = try connect(path, watch)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var input: [UInt8] = []
        _ = try nextLine(descriptor, &input)
        _ = try ask("qmp_capabilities", descriptor, &input)
        while true {
            let status = try ask("query-status", descriptor, &input)
            if status["status"]?.string == "running" { return }
            guard watch.seconds < 20 else { throw BenchmarkFailure("QEMU started by hand does not run: \(status)") }
            usleep(500)
        }
    }

    private static func connect(_ path: String, _ watch: Stopwatch) throws(BenchmarkFailure) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchmarkFailure("\(path) is too long for a socket: use a shorter --directory")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        while true {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw BenchmarkFailure("no socket: \(String(cString: strerror(errno)))") }
            let code = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if code == 0 { return descriptor }
            close(descriptor)
            guard watch.seconds < 20 else { throw BenchmarkFailure("QEMU started by hand does not listen at \(path)") }
            usleep(500)
        }
    }

    private static func ask(
        _ command: String, _ descriptor: Int32, _ input: inout [UInt8]
    ) throws(BenchmarkFailure) -> JSON {
        let text = Array("{\"execute\":\"\(command)\"}\n".utf8)
        guard send(descriptor, text, text.count, Int32(MSG_NOSIGNAL)) == text.count else {
            throw BenchmarkFailure("QEMU started by hand does not read: \(String(cString: strerror(errno)))")
        }
        while true {
            let line = try nextLine(descriptor, &input)
            // Events may come between.
            if let answer = line["return"] { return answer }
            if let error = line["error"] { throw BenchmarkFailure("QEMU refuses \(command): \(error)") }
        }
    }

    private static func nextLine(_ descriptor: Int32, _ input: inout [UInt8]) throws(BenchmarkFailure) -> JSON {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = input.firstIndex(of: 0x0a) {
                let line = Array(input[..<end])
                input.removeFirst(end + 1)
                do {
                    return try JSON(parsing: line)
                } catch {
                    throw BenchmarkFailure("QEMU started by hand sent no JSON: \(error)")
                }
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchmarkFailure("QEMU started by hand hung up") }
            input += buffer[..<count]
        }
    }
}
