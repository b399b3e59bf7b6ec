import Primitives
import Synchronization

/// How many bytes the bodies of requests may hold in memory: those of one key, and all together.
///
/// A body takes what it announces before it is read, so that one that is let in finds room to its end, and gives it
/// back when its request is answered.
final class BodyBudget: Sendable {
    private struct State {
        /// The sum of `perKey`, which has no entry of 0.
        var all = 0
        var perKey: [PublicKey: Int] = [:]
    }

    private let limits: HTTPLimits
    private let state = Mutex(State())

    init(_ limits: HTTPLimits) {
        self.limits = limits
    }

    /// Whether there is room for so many bytes more; then ``give(back:of:)`` follows.
    func take(_ bytes: Int, of key: PublicKey) -> Bool {
        state.withLock { state in
            let own = state.perKey[key, default: 0]
            guard bytes <= limits.bodyBytesPerKey - own, bytes <= limits.bodyBytesInAll - state.all else {
                return false
            }
            state.all += bytes
            state.perKey[key] = own + bytes
            return true
        }
    }

    func give(back bytes: Int, of key: PublicKey) {
        guard bytes > 0 else { return }
        state.withLock { state in
            state.all -= bytes
            let left = state.perKey[key, default: bytes] - bytes
            state.perKey[key] = left > 0 ? left : nil
        }
    }

    /// What is taken now.
    var taken: Int { state.withLock { $0.all } }
}
