import Glibc

/// Ports that nobody listens on.
enum FreePorts {
    /// The first of `count` ports in a row that are free, and those 1000 above them too.
    ///
    /// They lie below those that the kernel hands to outgoing connections.
    static func base(count: Int) throws -> Int {
        for _ in 0..<200 {
            let base = Int.random(in: 12_000..<28_000)
            let ports = (base..<base + count).flatMap { [$0, $0 + 1000] }
            if ports.allSatisfy(isFree) { return base }
        }
        throw TestFailure("no \(count) free ports in a row were found")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in(loopbackPort: port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

extension sockaddr_in {
    /// A port of 127.0.0.1.
    init(loopbackPort port: Int) {
        self.init()
        sin_family = sa_family_t(AF_INET)
        sin_port = in_port_t(UInt16(port)).bigEndian
        sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    }
}
