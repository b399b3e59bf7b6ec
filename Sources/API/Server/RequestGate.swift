import Synchronization

/// Counts the requests that are being answered, and can be shut for new ones.
final class RequestGate: Sendable {
    private struct State {
        /// Requests that have entered and not left.
        var open = 0
        var isShut = false
    }

    private let state = Mutex(State())

    /// Whether the request may be answered; then ``leave()`` follows.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isShut else { return false }
            state.open += 1
            return true
        }
    }

    func leave() {
        state.withLock { $0.open -= 1 }
    }

    func shut() {
        state.withLock { $0.isShut = true }
    }

    var isEmpty: Bool { state.withLock { $0.open == 0 } }
}
