import CLinux
import Glibc
import Host
import Hypervisor

extension QEMUMachine {
    /// How much of a machine's serial log is kept, and how much there may be before the rest is dropped.
    private static let consoleKeptBytes: Int64 = 4 << 20
    private static let consoleLimitBytes: Int64 = 16 << 20
    /// The largest piece that one read answers.
    static let consoleChunkBytes = 1 << 20

    func consoleLog(offset: Int64, limit: Int) async throws(MachineFailure) -> ConsoleChunk {
        let path = directory.path(of: MachineDirectory.consoleLog)
        let limit = max(0, min(limit, Self.consoleChunkBytes))
        return try await onPool { () throws(MachineFailure) in
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                if errno == ENOENT {
                    return ConsoleChunk(bytes: [], nextOffset: max(0, offset), truncatedBefore: 0, endOffset: 0)
                }
                throw .retryable(.hostFailed, message: "can't open \(path): \(String(cString: strerror(errno)))")
            }
            defer { Glibc.close(descriptor) }
            // What was dropped is a hole at the beginning; the rest keeps its offsets.
            let kept = max(0, clinux_first_data(descriptor))
            let end = max(kept, Int64(lseek(descriptor, 0, SEEK_END)))
            let start = max(offset, kept)
            var bytes = [UInt8](repeating: 0, count: limit)
            let count = pread(descriptor, &bytes, limit, off_t(start))
            guard count >= 0 else {
                throw .retryable(.hostFailed, message: "can't read \(path): \(String(cString: strerror(errno)))")
            }
            return ConsoleChunk(
                bytes: Array(bytes.prefix(count)), nextOffset: start + Int64(count), truncatedBefore: kept,
                endOffset: end)
        }
    }

    /// Drops the oldest part of a log that has grown too large, in place, under QEMU's hands.
    func boundConsoleLog() {
        var status = stat()
        let path = directory.path(of: MachineDirectory.consoleLog)
        guard stat(path, &status) == 0, Int64(status.st_blocks) * 512 > Self.consoleLimitBytes else { return }
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
        // Where the file system can't make holes, the log stays whole.
        let end = (Int64(status.st_size) - Self.consoleKeptBytes) / 4096 * 4096
        if end > 0 { _ = clinux_punch_hole(descriptor, 0, end) }
    }
}
