import Host

/// Hypervisor processes of measured nodes: they live in sessions of their own and outlive their node.
enum MachineProcesses {
    /// Those that run with a working directory below `directory`, which belongs to this run alone.
    static func running(below directory: String) -> [ProcessHandle] {
        var found: [ProcessHandle] = []
        for name in Files.names(in: "/proc").sorted() {
            guard let pid = Int32(name), isBelow(directory, pid),
                let process = try? ProcessHandle.open(pid: pid),
                // Again, now that the number is held and can't come to mean another process.
                isBelow(directory, pid)
            else { continue }
            found.append(process)
        }
        return found
    }

    private static func isBelow(_ directory: String, _ pid: Int32) -> Bool {
        Files.target(ofLink: "/proc/\(pid)/cwd")?.hasPrefix(directory + "/") ?? false
    }
}
