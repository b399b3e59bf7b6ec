import Glibc

/// Ports of the loopback interface that no process listens on.
enum LoopbackPorts {
    /// Below those that the kernel gives to outgoing connections.
    private static let range = 20_000..<32_000

    /// Free now; the search begins at another place in each process, so that runs beside each other rarely meet.
    static func free(_ count: Int) throws -> [Int] {
        let start = Int(getpid()) * 37 % range.count
        var found: [Int] = []
        for step in 0..<range.count {
            let port = range.lowerBound + (start + step) % range.count
            if isFree(port) { found.append(port) }
            if found.count == count { return found }
        }
        throw BenchmarkFailure("127.0.0.1 has not \(count) free ports in \(range)")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return call(Glibc.bind, descriptor, port: port) == 0
    }

    /// Calls `bind` or `connect` with an address of the loopback interface.
    static func call(
        _ body: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ descriptor: Int32, port: Int
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
