import CLinux
import Glibc
import Host
import Primitives

/// Whose process holds a machine directory, found without asking the process.
///
/// QEMU keeps its pid file locked as long as it lives, whatever ends it, so the kernel's answer to "who holds the lock"
/// can't be out of date. That the holder is this machine is shown by its own arguments.
enum Finding: Sendable {
    case nobody
    case machine(ProcessHandle)
    case foreign(pid: Int32, why: String)

    static func find(pidFile: String, directory: String, uid: UID) -> Finding {
        let descriptor = open(pidFile, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return listener(in: directory) }
        defer { close(descriptor) }
        let holder = clinux_lock_holder(descriptor)
        guard holder > 0 else { return listener(in: directory) }
        guard let handle = try? ProcessHandle.open(pid: holder) else {
            // It ended in between, or can't be held: the next look decides.
            return .foreign(pid: holder, why: "process \(holder) holds the lock and can't be taken hold of")
        }
        // Asked again with the handle at hand: now the number can't have come to mean another process.
        guard clinux_lock_holder(descriptor) == holder else { return .nobody }
        guard let arguments = ProcessStatus.commandLine(pid: holder), !arguments.isEmpty else {
            return .foreign(pid: holder, why: "the command line of process \(holder) can't be read")
        }
        guard let flag = arguments.firstIndex(of: "-uuid"), flag + 1 < arguments.count,
            UID(arguments[flag + 1]) == uid
        else {
            return .foreign(pid: holder, why: "process \(holder) holds the machine directory and is not this machine")
        }
        return .machine(handle)
    }

    /// A process without the lock that listens on the machine's socket was started by other hands.
    private static func listener(in directory: String) -> Finding {
        guard let socket = try? ControlSocket.connect(directory: directory, name: MachineDirectory.driverSocket) else {
            return .nobody
        }
        defer { close(socket) }
        let pid = clinux_peer_pid(socket)
        return .foreign(pid: pid, why: "process \(pid) listens on \(MachineDirectory.driverSocket) without the lock")
    }
}
