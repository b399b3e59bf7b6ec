import Replica
import Synchronization

/// Callers that wait for an answer of the replica, each under a number of its own.
final class AnswerTable: Sendable {
    private enum Caller {
        case write(CheckedContinuation<WriteResult, Never>)
        case read(CheckedContinuation<ReadResult, Never>)
    }

    private struct State {
        // 0 means nobody.
        var last: UInt64 = 0
        var callers: [Waiter: Caller] = [:]
    }

    private let state = Mutex(State())

    /// Waits for the answer to a write; `post` hands it to the replica.
    func write(_ post: (Waiter) -> Void) async -> WriteResult {
        await withCheckedContinuation { post(add(.write($0))) }
    }

    func read(_ post: (Waiter) -> Void) async -> ReadResult {
        await withCheckedContinuation { post(add(.read($0))) }
    }

    func answer(_ waiter: Waiter, _ result: WriteResult) {
        guard case .write(let continuation)? = take(waiter) else { return }
        continuation.resume(returning: result)
    }

    func answer(_ waiter: Waiter, _ result: ReadResult) {
        guard case .read(let continuation)? = take(waiter) else { return }
        continuation.resume(returning: result)
    }

    /// The node ends: whoever still waits is told that nothing is known.
    func failAll() {
        let callers = state.withLock { state in
            defer { state.callers = [:] }
            return state.callers
        }
        for caller in callers.values {
            switch caller {
            case .write(let continuation): continuation.resume(returning: .unavailable("this node is stopping"))
            case .read(let continuation): continuation.resume(returning: .noQuorum(connected: 0, voters: 0))
            }
        }
    }

    private func add(_ caller: Caller) -> Waiter {
        state.withLock { state in
            state.last += 1
            let waiter = Waiter(state.last)
            state.callers[waiter] = caller
            return waiter
        }
    }

    private func take(_ waiter: Waiter) -> Caller? {
        state.withLock { $0.callers.removeValue(forKey: waiter) }
    }
}
