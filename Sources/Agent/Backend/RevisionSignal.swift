import Host
import Synchronization

/// Lets watchers sleep until the state has moved past a revision.
final class RevisionSignal: Sendable {
    private struct State {
        /// Only grows.
        var revision: UInt64 = 0
        var isClosed = false
        var nextID: UInt64 = 0
        /// Those whose `after` the revision has not passed, by a number of their own.
        var sleepers: [UInt64: (after: UInt64, continuation: OnceContinuation<Void?>)] = [:]
    }

    private let state = Mutex(State())

    func raise(to revision: UInt64) {
        wake { $0.revision = max($0.revision, revision) }
    }

    func close() {
        wake { $0.isClosed = true }
    }

    /// Returns once the revision is past `after`, the time is over, the task is cancelled, or the signal is closed.
    func wait(after: UInt64, milliseconds: Int64) async -> UInt64 {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await TimedWait.answer(milliseconds: milliseconds) { once in
                let isDone = state.withLock { state in
                    if state.revision > after || state.isClosed || Task.isCancelled { return true }
                    state.sleepers[id] = (after, once)
                    return false
                }
                if isDone { once.resume(returning: ()) }
            }
        } onCancel: {
            release(id)
        }
        // Its time may have been over before anything happened.
        release(id)
        return state.withLock(\.revision)
    }

    private func release(_ id: UInt64) {
        state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(returning: ())
    }

    private func wake(_ change: (inout State) -> Void) {
        let woken = state.withLock { state in
            change(&state)
            let due = state.sleepers.filter { state.isClosed || $0.value.after < state.revision }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume(returning: ()) }
    }
}
