import Fleet
import Reconcile
import Replica
import Synchronization

/// Callers that wait for an answer of the replica, each under a number of its own.
final class AnswerTable: Sendable {
    private enum Caller {
        case write(CheckedContinuation<WriteResult, Never>, RequestID)
        case read(CheckedContinuation<ReadResult, Never>)
        case request(CheckedContinuation<RequestVerdict?, Never>)
        case source(CheckedContinuation<SourceVerdict, Never>)

        /// Nothing is known any more: a write may have been recorded.
        func fail() {
            switch self {
            case .write(let continuation, let request):
                continuation.resume(returning: .failure(.outcomeUnknown(request)))
            case .read(let continuation): continuation.resume(returning: .noQuorum(connected: 0, voters: 0))
            case .request(let continuation): continuation.resume(returning: .notRecorded)
            case .source(let continuation): continuation.resume(returning: .notLeader)
            }
        }
    }

    private struct State {
        // 0 means no caller.
        var last: UInt64 = 0
        /// Each is resumed once, by the call that removes it.
        var callers: [Waiter: Caller] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Waits for the answer to a write; `post` hands it to the replica.
    func write(_ request: RequestID, _ post: (Waiter) -> Void) async -> WriteResult {
        await withCheckedContinuation { post(add(.write($0, request))) }
    }

    func read(_ post: (Waiter) -> Void) async -> ReadResult {
        await withCheckedContinuation { post(add(.read($0))) }
    }

    func request(_ post: (Waiter) -> Void) async -> RequestVerdict? {
        await withCheckedContinuation { post(add(.request($0))) }
    }

    func source(_ post: (Waiter) -> Void) async -> SourceVerdict {
        await withCheckedContinuation { post(add(.source($0))) }
    }

    func answer(_ waiter: Waiter, _ verdict: SourceVerdict) {
        guard case .source(let continuation)? = take(waiter) else { return }
        continuation.resume(returning: verdict)
    }

    func answer(_ waiter: Waiter, _ verdict: RequestVerdict?) {
        guard case .request(let continuation)? = take(waiter) else { return }
        continuation.resume(returning: verdict)
    }

    func answer(_ waiter: Waiter, _ result: WriteResult) {
        guard case .write(let continuation, _)? = take(waiter) else { return }
        continuation.resume(returning: result)
    }

    func answer(_ waiter: Waiter, _ result: ReadResult) {
        guard case .read(let continuation)? = take(waiter) else { return }
        continuation.resume(returning: result)
    }

    /// The node ends: callers that still wait, or come later, are told that nothing is known.
    func failAll() {
        let callers = state.withLock { state in
            defer { state.callers = [:] }
            state.isClosed = true
            return state.callers
        }
        for caller in callers.values { caller.fail() }
    }

    private func add(_ caller: Caller) -> Waiter {
        let (waiter, isClosed) = state.withLock { state in
            state.last += 1
            let waiter = Waiter(state.last)
            if !state.isClosed { state.callers[waiter] = caller }
            return (waiter, state.isClosed)
        }
        if isClosed { caller.fail() }
        return waiter
    }

    private func take(_ waiter: Waiter) -> Caller? {
        state.withLock { $0.callers.removeValue(forKey: waiter) }
    }
}
