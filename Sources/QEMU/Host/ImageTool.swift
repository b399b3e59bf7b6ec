import CLinux
import Glibc
import Host
import Hypervisor

/// Runs `qemu-img` for what is not done by writing a few bytes: short errands with a deadline.
struct ImageTool: Sendable {
    let executable: String
    /// Making an overlay takes some 10 ms; a conversion copies a whole image.
    static let deadlineMilliseconds: Int64 = 600_000

    /// A task that is cancelled ends the tool at once; what it was making lies under a name that means nothing.
    ///
    /// - Parameter directory: The machine directory, in which relative names are meant.
    func run(_ arguments: [String], in directory: String) async throws(MachineFailure) {
        // What the tool says must not be lost with the last byte of the disk.
        let output = clinux_memory_file("qemu-img")
        guard output >= 0 else {
            throw .retryable(
                .hostFailed, message: "no memory for what qemu-img says: \(String(cString: strerror(errno)))")
        }
        defer { close(output) }
        let child = ChildProcess(
            executable: executable, arguments: arguments, environment: ChildProcess.plainEnvironment,
            workingDirectory: directory, newSession: false)
        let end: ProcessEnd
        do throws(HostError) {
            let process = try child.spawn(output: output)
            let ended = await withTaskCancellationHandler {
                await process.waitForEnd(milliseconds: Self.deadlineMilliseconds)
            } onCancel: {
                // If that fails, the wait takes longer.
                _ = try? process.send(SIGKILL)
            }
            if let ended {
                end = ended
            } else {
                try process.send(SIGKILL)
                throw HostError("wait any longer for \(executable)", code: ETIMEDOUT)
            }
        } catch {
            throw .retryable(.diskFailed, message: "\(error)")
        }
        guard end != .exited(code: 0) else { return }
        if Task.isCancelled { throw .givenUp }
        let text = StartFailure.lastWords(of: LogTail.read(output, limit: 2048)) ?? "it said nothing"
        let message = "qemu-img \(arguments.first ?? "") ended with \(end): \(text)"
        if text.contains("No space left on device") { throw .noSpace(in: directory, message) }
        if text.contains("Invalid") || text.contains("not a ") || text.contains("Unknown") {
            throw .permanent(.diskFailed, message: message)
        }
        throw .retryable(.diskFailed, message: message)
    }
}
