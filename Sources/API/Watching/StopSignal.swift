import Host
import Synchronization

/// A signal that is given once and heard by every task that waits for it, now or later.
final class StopSignal: Sendable {
    private struct State {
        var isStopped = false
        var nextNumber = 0
        /// Empty once it is stopped.
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func stop() {
        let waiters = state.withLock { state in
            state.isStopped = true
            defer { state.waiters = [:] }
            return state.waiters.sorted { $0.key < $1.key }.map(\.value)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the signal was given, or when the task is cancelled.
    func wait() async {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isStopped || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }

    /// Runs `body` until it ends, the signal is given or the task is cancelled; nil if it did not end by itself.
    func race<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value? {
        await TimedWait.result(of: body) { await self.wait() }
    }
}
