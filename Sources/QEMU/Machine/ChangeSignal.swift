import Host
import Synchronization

/// Tells tasks that something of a machine has changed, without saying what: look again.
final class ChangeSignal: Sendable {
    private struct State {
        var count: UInt64 = 0
        /// Waiting tasks, which have all seen `count`.
        var waiting: [OnceContinuation<Void?>] = []
    }

    private let state = Mutex(State())

    /// How many changes there were. Read it before looking, and hand it to `wait`, so that nothing is missed in
    /// between.
    var count: UInt64 { state.withLock { $0.count } }

    func notify() {
        let waiting = state.withLock { state in
            state.count += 1
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: ()) }
    }

    /// Returns when there was a change since `count` was read, or after this time.
    func wait(since count: UInt64, milliseconds: Int64) async {
        guard milliseconds > 0 else { return }
        await TimedWait.answer(milliseconds: milliseconds) { once in
            let isOver = state.withLock { state in
                guard state.count == count else { return true }
                state.waiting.append(once)
                return false
            }
            if isOver { once.resume(returning: ()) }
        }
    }
}
