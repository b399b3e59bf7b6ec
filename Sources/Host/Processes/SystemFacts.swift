import CLinux
import Glibc

/// What this host is and has.
public enum SystemFacts {
    /// Processors that this program may use.
    public static var processorCount: Int { Int(clinux_processor_count()) }

    /// All memory of the host.
    public static var memoryBytes: Int64 {
        Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// What an unprivileged program may still write to the file system of `path`.
    ///
    /// - Throws: If the file system can't be asked, for example because there is no such path.
    public static func freeDiskBytes(at path: String) throws(HostError) -> Int64 {
        var statistics = statvfs()
        guard statvfs(path, &statistics) == 0 else { throw .last("ask for the free space at \(path)") }
        let (bytes, overflow) = UInt64(statistics.f_bavail).multipliedReportingOverflow(by: UInt64(statistics.f_frsize))
        return overflow ? .max : Int64(clamping: bytes)
    }

    /// Such as `6.18.4`.
    public static var kernelVersion: String {
        SmallFile.text("/proc/sys/kernel/osrelease")?.split(separator: "\n").first.map(String.init) ?? "unknown"
    }

    /// Differs after every start of the host; empty if the kernel does not tell.
    public static var bootID: String {
        SmallFile.text("/proc/sys/kernel/random/boot_id")?.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Whether the processor offers hardware virtualisation to this kernel.
    public static var hasVirtualisationExtensions: Bool {
        // The flags are the same for every processor; the first 64 KiB hold at least one.
        SmallFile.text("/proc/cpuinfo")?.split(separator: "\n").contains { line in
            line.hasPrefix("flags") && line.split(separator: " ").contains { $0 == "vmx" || $0 == "svm" }
        } ?? false
    }

    public static var isRoot: Bool { geteuid() == 0 }
}
