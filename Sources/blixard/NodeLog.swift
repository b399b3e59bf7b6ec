import Glibc
import Host
import Logging
import Primitives

/// The log of a node: one line for each event on standard error, with milliseconds, in the order of its words `time
/// level metadata [source] message`.
struct NodeLog: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        let words = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
        let line =
            "\(SystemClock.wallTime().rfc3339Milliseconds) \(event.level) blixard: "
            + "\(words)[\(event.source)] \(event.message)"
        write(line.harmless + "\n")
    }

    /// At once and whole, so that lines of several threads do not mix. A log that nobody can write to is no reason to end.
    private func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
