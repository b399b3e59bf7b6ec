import Dispatch
import Glibc
import Synchronization

/// SIGTERM and SIGINT, as something to wait for.
enum EndSignals {
    /// Returns at the first of them; the next one ends the process at once.
    static func first() async {
        let signals = [SIGTERM, SIGINT]
        let queue = DispatchQueue(label: "blixard.signals")
        let sources = signals.map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.withLock { $0 = continuation }
                for source in sources {
                    source.setEventHandler {
                        for number in signals { signal(number, SIG_DFL) }
                        waiting.withLock { waiting in
                            defer { waiting = nil }
                            return waiting
                        }?.resume()
                    }
                    source.resume()
                }
                // A cancellation from before found no task waiting.
                if Task.isCancelled {
                    waiting.withLock { waiting in
                        defer { waiting = nil }
                        return waiting
                    }?.resume()
                }
            }
        } onCancel: {
            waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }?.resume()
        }
        for source in sources { source.cancel() }
    }
}
