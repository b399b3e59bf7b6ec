import Hypervisor
import Primitives

/// Makes of QEMU's last words a failure that says whether trying again can help.
enum StartFailure {
    /// - Parameters:
    ///   - log: The end of what QEMU printed.
    ///   - directory: The machine's.
    ///   - isFull: Whether its file system is, so that QEMU could not even say so.
    ///   - end: How the process ended, in words.
    ///   - portTrouble: Asked only if a port of the host could not be had: why.
    static func classify(
        log: String, end: String, directory: String, isFull: Bool, portTrouble: () -> MachineFailure?
    ) -> MachineFailure {
        let words = lastWords(of: log)
        let message = words ?? "QEMU ended with \(end) and said nothing"
        if words == nil, isFull { return .noSpace(in: directory, message) }
        func says(_ words: String) -> Bool { log.contains(words) }
        if says("Could not set up host forwarding rule") {
            return portTrouble() ?? .retryable(.portInUse, message: message)
        }
        if says("No space left on device") { return .noSpace(in: directory, message) }
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

    /// The last lines that say something, bounded; nil if there is none.
    static func lastWords(of log: String) -> String? {
        let lines = log.split(whereSeparator: \.isNewline)
            .filter { line in !line.contains("warning:") && line.contains { !$0.isWhitespace } }
            .suffix(3).map { String($0).harmless(limit: longestLine) }
        return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }

    private static let longestLine = 300
}
