import Hypervisor

/// Makes of QEMU's last words a failure that says whether trying again can help.
enum StartFailure {
    /// - Parameters:
    ///   - log: The end of what QEMU printed.
    ///   - end: How the process ended, in words.
    static func classify(log: String, end: String) -> MachineFailure {
        let lines = log.split(separator: "\n").filter { !$0.contains("warning:") }
        let message =
            lines.isEmpty ? "QEMU ended with \(end) and said nothing" : lines.suffix(3).joined(separator: "; ")
        func says(_ words: String) -> Bool { log.contains(words) }
        if says("Could not set up host forwarding rule") { return .retryable(.portInUse, message: message) }
        if says("No space left on device") { return .retryable(.noSpace, message: message) }
        if says("Cannot allocate memory") || says("cannot set up guest memory") {
            return .retryable(.noSpace, message: message)
        }
        if says("Failed to get \"write\" lock") || says("Cannot lock pid file") {
            return .retryable(.foreignProcess, message: message)
        }
        if says("could not load kernel") || says("could not open kernel file") || says("No such file or directory") {
            return .retryable(.imageMissing, message: message)
        }
        if says("Invalid") || says("invalid") || says("not supported") || says("unsupported") {
            return .permanent(.badConfiguration, message: message)
        }
        return .retryable(.startFailed, message: message)
    }
}
