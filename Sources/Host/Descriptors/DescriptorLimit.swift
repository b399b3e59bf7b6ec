import Glibc

/// How many descriptors this process may have open (RLIMIT_NOFILE): files, sockets, and whatever waits for them.
public enum DescriptorLimit {
    /// What a command needs, beside what it was given: event loops, connections, files.
    public static let leastForCommands = 48

    /// More would be of no use to this program.
    private static let most: UInt64 = 65_536

    /// Raises the limit as far as the system lets this process, and answers it as it is then.
    ///
    /// - Throws: where the system does not tell the limit. One that can't be raised is used as it is.
    @discardableResult
    public static func raise() throws(HostError) -> Int {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else {
            throw .last("ask how many files this process may have open")
        }
        let wanted = min(UInt64(limits.rlim_max), most)
        if UInt64(limits.rlim_cur) < wanted {
            var raised = limits
            raised.rlim_cur = rlim_t(wanted)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limits = raised }
        }
        return Int(clamping: min(UInt64(limits.rlim_cur), most))
    }

    /// Why a process with too low a limit does not start: both numbers, and what to do.
    public static func refusal(of what: String, limit: Int, least: Int) -> String {
        "\(what) needs at least \(least) descriptors (open files and sockets), and this process may have \(limit); "
            + "raise the limit with 'ulimit -n 4096' in the shell that starts it, or with LimitNOFILE= in its "
            + "systemd unit"
    }
}
