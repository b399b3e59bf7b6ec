import CLinux
import Glibc
import Host
import Primitives

/// Whose process holds a machine directory, found without asking the process.
///
/// QEMU keeps its pid file locked as long as it lives, whatever ends it, so the kernel's answer to "who holds the lock"
/// can't be out of date. That the holder is this machine is shown by its own arguments.
enum DirectoryHolder: Sendable {
    case free
    case machine(ProcessHandle)
    case foreign(pid: Int32, why: String)
    /// The host would not tell. There may be a process.
    case unknown(why: String)

    static func find(pidFile: String, directory: String, uid: UID) -> DirectoryHolder {
        let descriptor = open(pidFile, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return listener(in: directory) }
            return .unknown(why: "can't open \(pidFile): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let holder = clinux_lock_holder(descriptor)
        if holder == 0 { return listener(in: directory) }
        guard holder > 0 else {
            if errno == ESRCH { return .foreign(pid: 0, why: "a process that can't be seen from here holds the lock") }
            return .unknown(why: "can't ask for the lock on \(pidFile): \(String(cString: strerror(errno)))")
        }
        guard let handle = try? ProcessHandle.open(pid: holder) else {
            // It ended in between, or can't be held: the next look decides.
            return .foreign(pid: holder, why: "process \(holder) holds the lock and can't be taken hold of")
        }
        // Asked again with the handle at hand: now the number can't have come to mean another process.
        guard clinux_lock_holder(descriptor) == holder else { return .free }
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
    private static func listener(in directory: String) -> DirectoryHolder {
        let socket: Int32
        do throws(HostError) {
            let found = try ControlSocket.connect(directory: directory, name: MachineDirectory.driverSocket)
            guard let found else { return .free }
            socket = found
        } catch {
            return .unknown(why: error.description)
        }
        defer { close(socket) }
        let pid = clinux_peer_pid(socket)
        return .foreign(pid: pid, why: "process \(pid) listens on \(MachineDirectory.driverSocket) without the lock")
    }
}
