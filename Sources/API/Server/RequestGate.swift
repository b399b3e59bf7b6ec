import Host
import Synchronization

/// Counts the requests that are being answered, and can be shut for new ones.
final class RequestGate: Sendable {
    private struct State {
        /// Requests that have entered and not left.
        var open = 0
        var isShut = false
        /// Called once the gate is shut and the last request has left. One for each call of ``drain(milliseconds:)``.
        var drained: [OnceContinuation<Void?>] = []

        /// Takes out what is to be called now.
        mutating func takeDrained() -> [OnceContinuation<Void?>] {
            guard isShut, open == 0 else { return [] }
            defer { drained = [] }
            return drained
        }
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
        let drained = state.withLock { state in
            state.open -= 1
            return state.takeDrained()
        }
        for once in drained { once.resume(returning: ()) }
    }

    /// Lets no more requests in, and waits until those that have entered have left; false if the time is over first.
    func drain(milliseconds: Int64) async -> Bool {
        let isEmpty: Void? = await TimedWait.answer(milliseconds: milliseconds) { once in
            let drained = state.withLock { state in
                state.isShut = true
                state.drained.append(once)
                return state.takeDrained()
            }
            for once in drained { once.resume(returning: ()) }
        }
        return isEmpty != nil
    }
}
