import Glibc
import Host
import Synchronization

/// The processes of the real host.
struct HostProcesses: ProcessControl {
    func spawnNode(arguments: [String], environment: [String], log: String) throws(FileFailure) -> any RunningProcess {
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw .last(log, "it can't be opened") }
        defer { close(output) }
        let executable = Self.ownExecutable
        let program = ChildProcess(
            executable: executable, arguments: arguments, environment: environment, workingDirectory: nil,
            newSession: true)
        do {
            let handle = try program.spawn(output: output)
            return HostProcess(handle: handle, record: Self.record(of: handle.pid))
        } catch {
            throw FileFailure(path: executable, problem: "it can't be started: \(error)")
        }
    }

    func find(_ record: ProcessRecord) throws(FileFailure) -> (any RunningProcess)? {
        let handle: ProcessHandle
        do {
            guard let opened = try ProcessHandle.open(pid: record.pid) else { return nil }
            handle = opened
        } catch {
            throw FileFailure(path: "/proc/\(record.pid)", problem: "\(error)")
        }
        // Only now, with the number held, does the comparison prove anything.
        guard Self.record(of: record.pid) == record, handle.end == nil else { return nil }
        if ProcessStatus.read(pid: record.pid)?.isZombie ?? true { return nil }
        return HostProcess(handle: handle, record: record)
    }

    func holder(of lockFile: String) throws(FileFailure) -> (any RunningProcess)? {
        guard let pid = DirectoryLock.holder(of: lockFile), let process = try find(Self.record(of: pid)),
            // The number is held by now: it is the holder's if the lock still says so.
            DirectoryLock.holder(of: lockFile) == pid
        else { return nil }
        return process
    }

    private static func record(of pid: Int32) -> ProcessRecord {
        ProcessRecord(
            pid: pid, startTicks: ProcessStatus.read(pid: pid)?.startTicks ?? 0, bootID: SystemFacts.bootID)
    }

    /// The file that this program runs from.
    private static var ownExecutable: String {
        let link = "/proc/self/exe"
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            readlink(link, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count > 0, count < buffer.count else { return link }
        let path = String(decoding: buffer[..<count], as: UTF8.self)
        // A file that was replaced meanwhile has lost its name, but the link still leads to it.
        return access(path, X_OK) == 0 ? path : link
    }

    func isPortFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        // As servers do: a port that only waits out old connections is free.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    func hasProgram(_ name: String, path: String) -> Bool {
        path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    func lock(_ file: String) throws(FileFailure) -> (any DirectoryOwnership)? {
        do {
            return HostDirectoryOwnership(lock: try DirectoryLock(file: file))
        } catch  where error.isLockedByOther {
            return nil
        } catch {
            throw FileFailure(path: file, problem: "\(error)")
        }
    }

    var processorCount: Int { SystemFacts.processorCount }
    var memoryBytes: Int64 { SystemFacts.memoryBytes }

    var machineArchitecture: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

private struct HostProcess: RunningProcess {
    let handle: ProcessHandle
    let record: ProcessRecord

    var end: ProcessEnding? { handle.end.map(Self.ending) }

    func waitForEnd(milliseconds: Int64) async -> ProcessEnding? {
        await handle.waitForEnd(milliseconds: milliseconds).map(Self.ending)
    }

    private static func ending(_ end: ProcessEnd) -> ProcessEnding {
        let code: Int32? = if case .exited(let code) = end { code } else { nil }
        return ProcessEnding(text: end.description, exitCode: code)
    }

    // A process that has ended needs no signal, and one of this user can be sent one.
    func terminate() { _ = try? handle.send(SIGTERM) }
    func kill() { _ = try? handle.send(SIGKILL) }
}

private final class HostDirectoryOwnership: DirectoryOwnership {
    private let lock: Mutex<DirectoryLock>

    init(lock: sending DirectoryLock) {
        self.lock = Mutex(lock)
    }

    func release() { lock.withLock { $0.release() } }
}
