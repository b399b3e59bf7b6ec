import Glibc

/// What `/proc/PID/stat` says of a process.
public struct ProcessStatus: Equatable, Sendable {
    /// One letter, as in proc(5): `R` running, `S` sleeping, `D` in the kernel, `T` stopped by a signal, `t` traced,
    /// `Z` ended and not reaped.
    public let state: Character
    /// When it started, in clock ticks since the host did; with the pid, the identity of a process until a reboot.
    public let startTicks: UInt64
    public let parent: Int32
    /// How many of its threads are there. One that was killed shows `Z` while some of them still end.
    public let threads: Int

    /// Nil if there is no such process.
    public static func read(pid: Int32) -> ProcessStatus? {
        SmallFile.text("/proc/\(pid)/stat").flatMap(ProcessStatus.init(stat:))
    }

    /// Reads the one line of the file; nil if it is anything else.
    init?(stat: String) {
        // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, fields[0].utf8.count == 1,
            let parent = Int32(fields[1]), let threads = Int(fields[17]), let startTicks = UInt64(fields[19])
        else { return nil }
        self.state = state
        self.parent = parent
        self.threads = threads
        self.startTicks = startTicks
    }

    /// Whether it was stopped by a signal.
    public var isSuspended: Bool { state == "T" }
    /// Whether it has ended, and only its number is still taken: its files, sockets and locks are free.
    public var isZombie: Bool { (state == "Z" || state == "X") && threads <= 1 }
}

extension ProcessStatus {
    /// The arguments with which a process was started, its own name first; nil if there is no such process.
    public static func commandLine(pid: Int32) -> [String]? {
        guard let text = SmallFile.text("/proc/\(pid)/cmdline") else { return nil }
        // Each argument ends with a zero byte.
        return text.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
}
