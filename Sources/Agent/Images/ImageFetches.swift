import Reconcile
import Replica
import Synchronization

/// What is under way at the image store, so that it can be given up when nobody wants it any more.
final class ImageFetches: Sendable {
    private struct State {
        var tasks: [ImageOrder: (number: UInt64, task: Task<Void, Never>)] = [:]
        var number: UInt64 = 0
    }

    private let store: ImageStore
    private let answer: @Sendable (ImageOrder, ImageShelf.Holding) -> Void
    private let state = Mutex(State())

    init(_ store: ImageStore, answer: @escaping @Sendable (ImageOrder, ImageShelf.Holding) -> Void) {
        self.store = store
        self.answer = answer
    }

    func begin(_ order: ImageOrder) {
        state.withLock { state in
            state.number += 1
            let number = state.number
            let task = Task {
                let holding = await store.ensure(order)
                // Whoever gave it up may have ordered it anew since, and waits for that answer.
                guard end(order, number) else { return }
                answer(order, holding)
            }
            state.tasks[order] = (number, task)
        }
    }

    /// Safe to call for what is not under way.
    func giveUp(_ order: ImageOrder) {
        let given = state.withLock { $0.tasks.removeValue(forKey: order) }
        given?.task.cancel()
    }

    private func end(_ order: ImageOrder, _ number: UInt64) -> Bool {
        state.withLock { state in
            guard state.tasks[order]?.number == number else { return false }
            state.tasks[order] = nil
            return true
        }
    }
}
