import Hypervisor
import Primitives

/// The names of the files of one machine.
///
/// QEMU runs with the directory as its working directory and is given names without a path.
struct MachineDirectory: Equatable, Sendable {
    let path: String
    /// The directory of all machines.
    let parent: String

    init(root: String, uid: UID) {
        parent = root
        path = root + "/" + uid.short
    }

    /// Held under a POSIX lock by QEMU as long as it lives.
    static let pidFile = "pid"
    /// The control socket that belongs to the driver.
    static let driverSocket = "qmp.sock"
    /// The same protocol, for people and tools from outside.
    static let adminSocket = "admin.sock"
    static let consoleSocket = "console.sock"
    static let consoleLog = "console.log"
    /// What QEMU itself printed since it was last started.
    static let log = "qemu.log"
    static let launchRecord = "launch.json"
    /// The beginning of the name of an empty file that says whose directory this is, whatever becomes of the record.
    static let identityPrefix = "uid."

    /// What a process leaves behind that did not end by itself.
    static let runtimeFiles = [pidFile, driverSocket, adminSocket, consoleSocket]

    static let diskPrefix = "disk-"
    static func fileName(of disk: MachineSpec.Disk) -> String { diskPrefix + "\(disk.name).\(disk.format.rawValue)" }

    func path(of name: String) -> String { path + "/" + name }
}
