import Primitives
import Synchronization

/// Counts messages of members that could not be read, and says when that is worth a line in the log.
final class UnreadableMessages: Sendable {
    private struct State {
        var count: UInt64 = 0
        /// Warnings of the last ``warningMilliseconds``; older ones are dropped with the next message.
        var warnedAt: [PublicKey: Instant] = [:]
    }

    /// There is no second warning of the same member within this time.
    static let warningMilliseconds: Int64 = 60_000

    private let state = Mutex(State())

    var count: UInt64 { state.withLock { $0.count } }

    /// Counts one; answers whether to warn of it.
    func note(from key: PublicKey, now: Instant) -> Bool {
        state.withLock { state in
            state.count += 1
            state.warnedAt = state.warnedAt.filter { now - $0.value < Self.warningMilliseconds }
            guard state.warnedAt[key] == nil else { return false }
            state.warnedAt[key] = now
            return true
        }
    }
}
