import Glibc
import Hypervisor

/// Finds out why QEMU could not listen on a port of the host, which it does not say.
enum PortProbe {
    /// What hinders the first port that can't be had now, by trying each as QEMU does; nil if all can be had.
    static func trouble(with networks: [MachineSpec.Network]) -> MachineFailure? {
        for forward in networks.flatMap(\.forwards) {
            let code = listen(forward)
            if code != 0 { return failure(of: forward, code) }
        }
        return nil
    }

    /// Pure.
    static func failure(of forward: MachineSpec.PortForward, _ code: Int32) -> MachineFailure {
        let port = "\(forward.protocol.rawValue) port \(forward.hostPort) of \(forward.hostAddress)"
        switch code {
        case EADDRNOTAVAIL:
            return .retryable(
                .addressNotAvailable,
                message: "\(port) can't be forwarded: this node has no address \(forward.hostAddress); set hostAddress "
                    + "to one that it has, or to 0.0.0.0 for all of them")
        case EACCES, EPERM:
            return .retryable(
                .portNotPermitted,
                message:
                    "\(port) can't be forwarded: the node's user may not listen there; choose a hostPort above 1023")
        case EADDRINUSE:
            return .retryable(
                .portInUse,
                message: "\(port) can't be forwarded: another program of this node listens there; end it or choose "
                    + "another hostPort")
        default:
            return .retryable(.startFailed, message: "\(port) can't be forwarded: \(String(cString: strerror(code)))")
        }
    }

    /// The error number of the attempt; 0 for none.
    private static func listen(_ forward: MachineSpec.PortForward) -> Int32 {
        let isStream = forward.protocol == .tcp
        let kind = Int32((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = forward.hostPort.bigEndian
        guard inet_pton(AF_INET, forward.hostAddress, &address.sin_addr) == 1 else { return 0 }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0 else { return errno }
        guard isStream, Glibc.listen(descriptor, 1) != 0 else { return 0 }
        return errno
    }
}
