import Glibc
import Host
import TestFiles

/// Processes of this host, as the kernel shows them.
enum HostProcess {
    static func isAlive(_ pid: Int32) -> Bool { ProcessStatus.read(pid: pid)?.isZombie == false }

    /// The words that it was started with; nil if it can't be seen.
    static func commandLine(_ pid: Int32) -> [String]? { ProcessStatus.commandLine(pid: pid) }

    /// Whether a signal has stopped it.
    static func isSuspended(_ pid: Int32) -> Bool { ProcessStatus.read(pid: pid)?.isSuspended == true }

    /// The process of a machine, proven by its working directory; nil if none lives.
    static func machine(in directory: String) -> Int32? {
        guard let text = TextFile.read(directory + "/pid"),
            let pid = Int32(text.trimmingPrefix { $0.isWhitespace }.prefix { $0.isNumber }), isAlive(pid),
            TextFile.link("/proc/\(pid)/cwd") == directory
        else { return nil }
        return pid
    }
}
