import Glibc
import Host
import Hypervisor

/// Runs `qemu-img` for what is not done by writing a few bytes: short errands with a deadline.
struct ImageTool: Sendable {
    let executable: String
    /// Making an overlay takes some 10 ms; a conversion copies a whole image.
    static let deadlineMilliseconds: Int64 = 600_000

    /// - Parameters:
    ///   - directory: The machine directory, in which relative names are meant.
    ///   - log: Where the tool's output goes, to be told if it fails.
    func run(_ arguments: [String], in directory: String, log: String) async throws(MachineFailure) {
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard output >= 0 else {
            throw .retryable(.hostFailed, message: "can't create \(log): \(String(cString: strerror(errno)))")
        }
        defer {
            close(output)
            unlink(log)
        }
        let child = ChildProcess(
            executable: executable, arguments: arguments, environment: ChildProcess.plainEnvironment,
            workingDirectory: directory, newSession: false)
        let end: ProcessEnd
        do throws(HostError) {
            let process = try child.spawn(output: output)
            if let ended = await process.waitForEnd(milliseconds: Self.deadlineMilliseconds) {
                end = ended
            } else {
                try process.send(SIGKILL)
                throw HostError("wait any longer for \(executable)", code: ETIMEDOUT)
            }
        } catch {
            throw .retryable(.diskFailed, message: "\(error)")
        }
        guard end != .exited(code: 0) else { return }
        let text = LogTail.read(log, limit: 2048).split(separator: "\n").suffix(2).joined(separator: "; ")
        let message = "qemu-img \(arguments.first ?? "") ended with \(end): \(text)"
        if text.contains("No space left on device") { throw .retryable(.noSpace, message: message) }
        if text.contains("Invalid") || text.contains("not a ") || text.contains("Unknown") {
            throw .permanent(.diskFailed, message: message)
        }
        throw .retryable(.diskFailed, message: message)
    }
}
