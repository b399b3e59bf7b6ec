import Reconcile
import Replica
import Synchronization

/// What is under way at the image store, so that each of it can be given up when no machine needs it any more.
///
/// The replica orders an image once until it is answered or given up, so there are at most as many as images of this
/// node, and those that are given up end at their next step.
final class ImageFetches: Sendable {
    private let store: ImageStore
    private let answer: @Sendable (ImageOrder, ImageShelf.Holding) -> Void
    private let tasks = OwnedTasks()
    /// The fetch that each order's answer is expected of.
    private let current = Mutex<[ImageOrder: OwnedTasks.Handle]>([:])

    /// - Parameter answer: Takes the end of each order that was not given up.
    init(_ store: ImageStore, answer: @escaping @Sendable (ImageOrder, ImageShelf.Holding) -> Void) {
        self.store = store
        self.answer = answer
    }

    /// Runs the fetches until the task is cancelled, which gives all of them up; returns when none is under way. Called
    /// once.
    func run() async {
        await tasks.run()
    }

    /// Begins to fetch; returns at once.
    func begin(_ order: ImageOrder) {
        current.withLock { current in
            current[order] = tasks.beginCancellable { [self] handle in
                let holding = await store.ensure(order)
                // An order that was given up may have been given anew since, and waits for that answer.
                guard end(order, handle), !Task.isCancelled else { return }
                answer(order, holding)
            }
        }
    }

    /// Safe to call for what is not under way.
    func giveUp(_ order: ImageOrder) {
        let handle = current.withLock { $0.removeValue(forKey: order) }
        if let handle { tasks.cancel(handle) }
    }

    private func end(_ order: ImageOrder, _ handle: OwnedTasks.Handle) -> Bool {
        current.withLock { current in
            guard current[order] == handle else { return false }
            current[order] = nil
            return true
        }
    }
}
