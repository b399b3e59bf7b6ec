import Glibc

/// How long the disk takes to make a little durable.
enum SyncProbe {
    /// Overwrites 4 KiB of a file and syncs it, again and again. Blocks.
    static func measure(_ path: String, rounds: Int) throws(BenchmarkFailure) -> Samples {
        func failure() -> BenchmarkFailure { BenchmarkFailure("\(path): \(String(cString: strerror(errno)))") }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 0x62, count: 4096)
        var milliseconds: [Double] = []
        // The first one also writes the file's length down.
        for round in 0...rounds {
            let watch = Stopwatch()
            guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, fdatasync(descriptor) == 0 else {
                throw failure()
            }
            if round > 0 { milliseconds.append(watch.milliseconds) }
        }
        return Samples(milliseconds)
    }
}
