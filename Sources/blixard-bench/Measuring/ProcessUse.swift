import Glibc

/// What a process has used since it started, as the kernel counts it.
struct ProcessUse: Equatable {
    /// Of all its threads, in user and kernel mode; in steps of a clock tick, commonly 10 ms.
    var processorMilliseconds: Double
    /// What it caused to be written to a disk.
    var diskBytes: UInt64

    static let none = ProcessUse(processorMilliseconds: 0, diskBytes: 0)

    /// - Throws: if there is no such process.
    static func read(_ pid: Int32) throws -> ProcessUse {
        guard let stat = Files.text("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")"),
            let io = Files.text("/proc/\(pid)/io")
        else { throw BenchmarkFailure("process \(pid) has ended") }
        // Behind the name in parentheses come the fields from the third on; the 14th and 15th are the times.
        let fields = stat[end...].split(separator: " ").dropFirst()
        let times = fields.dropFirst(11).prefix(2).compactMap { Double($0) }
        let written = io.split(separator: "\n").first { $0.hasPrefix("write_bytes:") }
        guard times.count == 2, let bytes = written?.split(separator: " ").last.flatMap({ UInt64($0) }) else {
            throw BenchmarkFailure("/proc/\(pid) can't be understood")
        }
        return ProcessUse(
            processorMilliseconds: (times[0] + times[1]) * 1000 / Double(sysconf(Int32(_SC_CLK_TCK))), diskBytes: bytes)
    }

    /// Of all children of this program that have ended, in milliseconds.
    static var endedChildrenMilliseconds: Double {
        var usage = rusage()
        guard getrusage(RUSAGE_CHILDREN.rawValue, &usage) == 0 else { return .nan }
        return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)
    }

    private static func milliseconds(_ time: timeval) -> Double {
        Double(time.tv_sec) * 1000 + Double(time.tv_usec) / 1000
    }

    static func + (left: ProcessUse, right: ProcessUse) -> ProcessUse {
        ProcessUse(
            processorMilliseconds: left.processorMilliseconds + right.processorMilliseconds,
            diskBytes: left.diskBytes + right.diskBytes)
    }
}
