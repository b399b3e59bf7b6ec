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
        write(
            Self.line(
                at: SystemClock.wallTime(), level: "\(event.level)", words: all.mapValues { "\($0)" },
                source: event.source, message: "\(event.message)") + "\n")
    }

    /// What others wrote is in it, such as the name of a file or another node's answer, and it is one line all the same
    /// that does nothing to a terminal.
    static func line(
        at time: WallTime, level: String, words: [String: String], source: String, message: String
    ) -> String {
        let words = words.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
        return "\(time.rfc3339Milliseconds) \(level) blixard: \(words)[\(source)] \(message)".harmless
    }

    /// At once and whole, so that lines of several threads do not mix. A log that takes no writes is no reason to end.
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
