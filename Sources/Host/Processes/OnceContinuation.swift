import Synchronization

/// A continuation that several events race to resume: the first one wins, the others do nothing.
public final class OnceContinuation<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case done
    }

    private let state = Mutex(State.empty)

    public init() {}

    /// Must be called exactly once, before any `resume` is possible.
    public func set(_ continuation: CheckedContinuation<Value, Never>) {
        state.withLock { state in
            guard case .empty = state else { preconditionFailure("a continuation was set before") }
            state = .waiting(continuation)
        }
    }

    public func resume(returning value: Value) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, Never>? in
            guard case .waiting(let continuation) = state else { return nil }
            state = .done
            return continuation
        }
        continuation?.resume(returning: value)
    }
}
