import Host
import Synchronization

/// Wakes whoever waits for something to happen, without saying what: look again.
final class Pulse: Sendable {
    private struct State {
        var count: UInt64 = 0
        var waiting: [OnceContinuation<Void>] = []
    }

    private let state = Mutex(State())

    /// Read it before looking, and hand it to `wait`, so that nothing is missed in between.
    var count: UInt64 { state.withLock { $0.count } }

    func beat() {
        let waiting = state.withLock { state in
            state.count += 1
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: ()) }
    }

    /// Returns when there was a beat since `count` was read, or after this time.
    func wait(since count: UInt64, milliseconds: Int64) async {
        guard milliseconds > 0 else { return }
        let once = OnceContinuation<Void>()
        let timer = Task {
            // Cancelled when a beat came first.
            guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else { return }
            once.resume(returning: ())
        }
        await withCheckedContinuation { continuation in
            once.set(continuation)
            let isOver = state.withLock { state in
                guard state.count == count else { return true }
                state.waiting.append(once)
                return false
            }
            if isOver { once.resume(returning: ()) }
        }
        timer.cancel()
    }
}
