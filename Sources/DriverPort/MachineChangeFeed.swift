public import Primitives
import Synchronization

/// Tells any number of consumers which machines to look at again.
///
/// Each consumer's backlog holds a machine at most once, so it is bounded by the number of machines however slow the
/// consumer is.
public final class MachineChangeFeed: Sendable {
    private let subscribers = Mutex<[Subscriber]>([])

    public init() {}

    /// Never blocks and never fails; machines are told in the order in which they changed first.
    public func report(_ uid: UID) {
        for subscriber in subscribers.withLock({ $0 }) { subscriber.add(uid) }
    }

    /// A stream of what changes from now on; it ends when its consumer is cancelled.
    public func subscribe() -> AsyncStream<UID> {
        let subscriber = Subscriber()
        subscribers.withLock { $0.append(subscriber) }
        return AsyncStream(
            unfolding: { await subscriber.next() },
            onCancel: { [weak self] in
                subscriber.finish()
                self?.subscribers.withLock { $0.removeAll { $0 === subscriber } }
            })
    }

    private final class Subscriber: Sendable {
        private struct State {
            var order: [UID] = []
            var pending: Set<UID> = []
            var waiting: CheckedContinuation<UID?, Never>?
            var isFinished = false
        }

        private let state = Mutex(State())

        func add(_ uid: UID) {
            let waiting = state.withLock { state -> CheckedContinuation<UID?, Never>? in
                if let waiting = state.waiting {
                    state.waiting = nil
                    return waiting
                }
                if !state.isFinished, state.pending.insert(uid).inserted { state.order.append(uid) }
                return nil
            }
            waiting?.resume(returning: uid)
        }

        func next() async -> UID? {
            await withCheckedContinuation { continuation in
                enum Answer {
                    case now(UID?)
                    case later
                }
                let answer = state.withLock { state -> Answer in
                    if state.isFinished { return .now(nil) }
                    if state.order.isEmpty {
                        state.waiting = continuation
                        return .later
                    }
                    let uid = state.order.removeFirst()
                    state.pending.remove(uid)
                    return .now(uid)
                }
                if case .now(let uid) = answer { continuation.resume(returning: uid) }
            }
        }

        func finish() {
            let waiting = state.withLock { state in
                state.isFinished = true
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(returning: nil)
        }
    }
}
