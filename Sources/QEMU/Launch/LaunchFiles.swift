import Glibc
import Host
import Hypervisor
import Primitives

/// The blocking part of a start: directory, record, spawn, and the wait for the control socket.
struct LaunchFiles: Sendable {
    let directory: MachineDirectory
    let uid: UID
    let recordFile: RecordFile

    /// Makes the machine directory, marked with the uid, unless it is there.
    ///
    /// - Parameter durably: Whether to wait until the directory would survive a crash of the host, as one must that is
    ///   about to hold disks.
    func prepare(durably: Bool) throws(MachineFailure) {
        do throws(DiskError) {
            if access(directory.path(of: MachineDirectory.identityPrefix + uid.description), F_OK) == 0 { return }
            if access(directory.parent, F_OK) != 0 { try DurableFile.createDirectory(directory.parent) }
            guard mkdir(directory.path, 0o700) == 0 || errno == EEXIST else {
                throw DiskError(.createDirectory, directory.path, code: errno)
            }
            let marker = directory.path(of: MachineDirectory.identityPrefix + uid.description)
            let descriptor = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw DiskError(.create, marker, code: errno) }
            close(descriptor)
            if durably {
                try FileSystemDisk().syncDirectory(directory.path)
                try FileSystemDisk().syncDirectory(directory.parent)
            }
        } catch {
            throw .retryable(error.isOutOfSpace ? .noSpace : .hostFailed, message: "\(error)")
        }
    }

    /// A process that was spawned, and a connection to its control socket if it came up.
    struct Launched: Sendable {
        var process: ProcessHandle
        var socket: Int32?
    }

    /// Writes the record, starts QEMU and returns once its control socket accepts.
    ///
    /// Blocks for as long as QEMU takes to come up, which is why it has a thread of the driver's own.
    func spawn(_ record: LaunchRecord, number: UInt64) throws(MachineFailure) -> Launched {
        try prepare(durably: false)
        do throws(DiskError) {
            try recordFile.place(record, number: number)
        } catch {
            throw .retryable(error.isOutOfSpace ? .noSpace : .hostFailed, message: "\(error)")
        }
        let logPath = directory.path(of: MachineDirectory.log)
        let log = open(logPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else {
            throw .retryable(.hostFailed, message: "can't create \(logPath): \(String(cString: strerror(errno)))")
        }
        defer { close(log) }
        let child = ChildProcess(
            executable: record.executable, arguments: record.arguments,
            environment: ChildProcess.plainEnvironment, workingDirectory: directory.path, newSession: true)
        let process: ProcessHandle
        do throws(HostError) {
            process = try child.spawn(output: log)
        } catch {
            // Removed or replaced since it was found: permanent only until a person mends it.
            throw error.code == ENOENT
                ? .permanent(.hypervisorMissing, message: "\(error); \(Installation.howToGet)")
                : .retryable(.startFailed, message: "\(error)")
        }
        return Launched(process: process, socket: waitForListener(process))
    }

    /// A connection to the control socket; nil if the process ended first or took too long.
    ///
    /// A socket file that a former process left behind refuses connections until the new one takes its place.
    private func waitForListener(_ process: ProcessHandle) -> Int32? {
        let deadline = SystemClock.now() + Self.listenMilliseconds
        while process.end == nil, SystemClock.now() < deadline {
            // A failing attempt is followed by the next; what hinders it for good shows in QEMU's end.
            let socket = try? ControlSocket.connect(directory: directory.path, name: MachineDirectory.driverSocket)
            if let socket { return socket }
            usleep(Self.pauseMicroseconds)
        }
        return nil
    }

    /// Between two attempts to connect.
    private static let pauseMicroseconds: UInt32 = 1000
    /// How long QEMU may take until it listens, under heavy load.
    private static let listenMilliseconds: Int64 = 20_000
}
