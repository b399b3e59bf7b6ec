import Logging
import Synchronization

/// Keeps log lines, each with its metadata.
struct MemoryLog: LogHandler {
    private final class Store: Sendable {
        let lines = Mutex<[String]>([])
    }

    private let store = Store()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    var lines: [String] { store.lines.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = "\(event.message) \(event.metadata ?? [:])"
        store.lines.withLock { $0.append(line) }
    }
}
