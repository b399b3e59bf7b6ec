import Synchronization

/// Bounds how many machines start at once: unbounded, starts take each other's processor time and all get slow.
final class StartPermits: Sendable {
    private struct State {
        /// Above 0 only while no call waits.
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(count: Int) {
        precondition(count > 0, "with \(count) permits nothing starts")
        state = Mutex(State(free: count))
    }

    /// Waits for a permit, in order. Every `take` is followed by one `giveBack`.
    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
