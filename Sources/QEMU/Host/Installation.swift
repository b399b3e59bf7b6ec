import Glibc
import Host
import Hypervisor

/// QEMU's programs on this host.
struct Installation: Equatable, Sendable {
    var systemEmulator: String
    var imageTool: String
    /// The emulator's own version, such as `7.2.22`.
    var version: String

    static let howToGet =
        "install it: apt-get install qemu-system-x86 qemu-utils (Debian, Ubuntu), "
        + "dnf install qemu-system-x86 qemu-img (Fedora)"

    /// Looks for both programs and asks for the version.
    static func find(
        systemEmulator: String, imageTool: String, log: String
    ) async throws(MachineFailure) -> Installation {
        let emulator = try path(of: systemEmulator)
        let tool = try path(of: imageTool)
        return Installation(
            systemEmulator: emulator, imageTool: tool, version: try await askVersion(emulator, log: log))
    }

    /// A program by its path, or by its name in `PATH`.
    private static func path(of program: String) throws(MachineFailure) -> String {
        if program.contains("/") {
            guard access(program, X_OK) == 0 else {
                throw .permanent(.hypervisorMissing, message: "\(program) is not there or can't be run; \(howToGet)")
            }
            return program
        }
        let searched = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        for directory in searched.split(separator: ":") {
            let candidate = "\(directory)/\(program)"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        throw .permanent(.hypervisorMissing, message: "\(program) is not in PATH; \(howToGet)")
    }

    private static func askVersion(_ emulator: String, log: String) async throws(MachineFailure) -> String {
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard output >= 0 else {
            throw .retryable(.hostFailed, message: "can't create \(log): \(String(cString: strerror(errno)))")
        }
        defer {
            close(output)
            unlink(log)
        }
        let child = ChildProcess(
            executable: emulator, arguments: ["--version"], environment: ChildProcess.plainEnvironment,
            workingDirectory: nil, newSession: false)
        do throws(HostError) {
            let process = try child.spawn(output: output)
            guard await process.waitForEnd(milliseconds: 10_000) == .exited(code: 0) else {
                try process.send(SIGKILL)
                throw HostError("get the version of \(emulator)", code: ETIMEDOUT)
            }
        } catch {
            throw .retryable(.hypervisorMissing, message: "\(error)")
        }
        return version(in: LogTail.read(log, limit: 1024)) ?? "unknown"
    }

    /// The number in `QEMU emulator version 7.2.22 (Debian ...)`.
    static func version(in text: String) -> String? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard let place = words.firstIndex(of: "version"), place + 1 < words.count else { return nil }
        return String(words[place + 1])
    }
}
