package import Logging
package import NIOCore
package import Primitives
import Synchronization

/// Tells the log of refused connections: of the first at once, of those that follow in one line for each period, with
/// their number by reason and the last of them as an example.
package final class RefusalLog: Sendable {
    private struct State {
        /// Refusals since the last line, by reason.
        var counts: [String: Int] = [:]
        var last: Logger.Metadata = [:]
        /// Whether a period runs, at whose end they are logged.
        var isWaiting = false
    }

    private let logger: Logger
    private let period: TimeAmount
    private let loop: any EventLoop
    private let state = Mutex(State())

    package init(logger: Logger, periodMilliseconds: Int64, loop: any EventLoop) {
        self.logger = logger
        period = .milliseconds(periodMilliseconds)
        self.loop = loop
    }

    package func note(_ refusal: Refusal, peer: PublicKey?, address: SocketAddress?, detail: String) {
        let isFirst = state.withLock { state in
            state.counts[refusal.rawValue, default: 0] += 1
            state.last = [
                "peer": "\(peer?.description ?? "unknown")", "address": "\(address.map { "\($0)" } ?? "unknown")",
                "detail": "\(detail)",
            ]
            defer { state.isWaiting = true }
            return !state.isWaiting
        }
        if isFirst {
            flush()
            wait()
        }
    }

    /// Logs what was counted since the last line, if anything was; says whether there was.
    @discardableResult
    package func flush() -> Bool {
        let (counts, last) = state.withLock { state in
            defer { state.counts = [:] }
            return (state.counts, state.last)
        }
        guard !counts.isEmpty else { return false }
        var metadata = last
        metadata["count"] = "\(counts.values.reduce(0, +))"
        let reasons = counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        metadata["reasons"] = "\(reasons.joined(separator: ","))"
        logger.notice("refused connections", metadata: metadata)
        return true
    }

    /// Without refusals in a whole period the next one is logged at once again.
    private func wait() {
        loop.scheduleTask(in: period) { [weak self] in
            guard let self else { return }
            let isQuiet = self.state.withLock { state in
                if state.counts.isEmpty { state.isWaiting = false }
                return state.counts.isEmpty
            }
            guard !isQuiet else { return }
            self.flush()
            self.wait()
        }
    }
}
