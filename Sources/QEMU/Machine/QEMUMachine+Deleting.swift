import DriverPort
import Glibc
import Host
import Hypervisor
import Primitives

extension QEMUMachine {
    /// Removes the machine's directory and all files in it, if it has no process.
    func delete() async throws(MachineFailure) {
        let observed = await look()
        switch observed.state {
        case .absent:
            return
        case .stopped:
            break
        case .foreign(let pid):
            throw .retryable(
                .foreignProcess, message: observed.message ?? "process \(pid) holds the machine directory")
        default:
            throw .retryable(
                .stillRunning,
                message: "process \(process?.pid ?? 0) must be stopped before the machine is deleted")
        }
        let directory = directory
        let marker = MachineDirectory.identityPrefix + uid.description
        do {
            try await onPool { () throws(DiskError) in try Self.remove(directory, last: marker) }
        } catch {
            throw .retryable(.hostFailed, message: "\(error); remove what is not the machine's and try again")
        }
        (record, recordProblem, recordIsRead) = (nil, nil, false)
        environment.feed.report(uid)
    }

    /// The marker goes last: until then a look finds whose directory it is, and the call can be repeated.
    private static func remove(_ directory: MachineDirectory, last marker: String) throws(DiskError) {
        let disk = FileSystemDisk()
        for name in try disk.list(directory.path) where name != marker {
            try disk.remove(directory.path(of: name))
        }
        if access(directory.path(of: marker), F_OK) == 0 { try disk.remove(directory.path(of: marker)) }
        guard rmdir(directory.path) == 0 || errno == ENOENT else {
            throw DiskError(.remove, directory.path, code: errno)
        }
        try disk.syncDirectory(directory.parent)
    }
}
