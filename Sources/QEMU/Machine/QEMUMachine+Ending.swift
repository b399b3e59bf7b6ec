import Glibc
import Host
import Hypervisor
import Primitives

/// What is left of a process that has ended.
extension QEMUMachine {
    /// Describes how the process ended, with the end of QEMU's log.
    private func describe(_ end: ProcessEnd) -> String {
        let log = LogTail.read(directory.path(of: MachineDirectory.log), limit: 1024)
        let words = log.split(separator: "\n").filter { !$0.contains("warning:") }.suffix(2).joined(separator: "; ")
        return "QEMU ended with \(end)" + (words.isEmpty ? "" : ": \(words)")
    }

    /// Releases a process that ended without being asked, and keeps the reason.
    func noteEnd(of ended: ProcessHandle, _ end: ProcessEnd) async {
        // A call may have ended it, or even started the next one, while a look was under way.
        guard process === ended else { return }
        connection?.close()
        connection = nil
        process = nil
        silentAttempts = 0
        guard activity == .none, record?.ended == nil else { return }
        await keep(.crashed(message: describe(end)))
    }

    /// Writes the reason down. If that fails, it is known only as long as this driver lives.
    func keep(_ reason: StopReason) async {
        guard var record else { return }
        record.ended = reason
        // The failure shows in every observation until a record could be written.
        try? await save(record)
    }

    /// What a machine without a process is.
    func withoutProcess() async -> ObservedState {
        let path = directory.path
        // Only a directory that is certainly not there means that the machine is unknown here.
        if access(path, F_OK) != 0, errno == ENOENT { return ObservedState(.absent) }
        guard let record else {
            return ObservedState(.stopped(recordProblem == nil ? .neverStarted : .unknown), message: recordProblem)
        }
        if let ended = record.ended { return ObservedState(.stopped(ended), message: message(for: ended)) }
        // The record is open and there is no process: it ended while no driver looked.
        let reason: StopReason =
            if record.bootID != environment.bootID {
                .hostRestarted
            } else {
                .crashed(message: "the process is gone, and no agent ran to see why")
            }
        if activity == .none { await keep(reason) }
        return ObservedState(.stopped(reason), message: message(for: reason))
    }

    private func message(for reason: StopReason) -> String? {
        if case .crashed(let message) = reason { message } else { recordProblem }
    }
}
