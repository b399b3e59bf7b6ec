import Synchronization

/// A continuation that several events race to resume: the first one wins, the others do nothing. An event that comes
/// before the continuation is kept for it.
public final class OnceContinuation<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case early(Value)
        case waiting(CheckedContinuation<Value, Never>)
        case done
    }

    private let state = Mutex(State.empty)

    public init() {}

    /// Must be called exactly once.
    public func set(_ continuation: CheckedContinuation<Value, Never>) {
        let early = state.withLock { state -> Value? in
            switch state {
            case .empty:
                state = .waiting(continuation)
                return nil
            case .early(let value):
                state = .done
                return value
            case .waiting, .done:
                preconditionFailure("a continuation was set before")
            }
        }
        if let early { continuation.resume(returning: early) }
    }

    public func resume(returning value: Value) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .empty:
                state = .early(value)
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .early, .done:
                return nil
            }
        }
        continuation?.resume(returning: value)
    }
}
