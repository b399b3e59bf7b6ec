import Host

/// The host that figures belong to.
enum MachineFacts {
    /// Cores, processor, kernel and how busy it is at this moment.
    static var text: String {
        let model = (Files.text("/proc/cpuinfo") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("model name") || $0.hasPrefix("Model") }?
            .split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " }) }
        let load = (Files.text("/proc/loadavg") ?? "").split(separator: " ").prefix(3).joined(separator: " ")
        return "\(SystemFacts.processorCount) cores, \(model ?? "unknown processor"), "
            + "Linux \(SystemFacts.kernelVersion), load \(load)"
    }
}
