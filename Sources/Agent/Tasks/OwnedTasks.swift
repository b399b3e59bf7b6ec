import Synchronization

/// Tasks that are begun by threads which can't await them, and belong to the task that runs ``run()``.
///
/// Effects of the replica are performed on its thread, on an event loop or on the journal's thread, and none of them is
/// a task with a group. What is begun there waits until ``run()`` takes it into its group, and ends with it.
final class OwnedTasks: Sendable {
    typealias Body = @Sendable () async -> Void

    /// Names a task that can be cancelled alone; never used twice.
    struct Handle: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct State {
        var lastNumber: UInt64 = 0
        /// One for each task that can be cancelled and has not ended; its end cancels the task.
        var cancellations: [Handle: AsyncStream<Void>.Continuation] = [:]
    }

    /// Not bounded here: each user of this type says how many it begins at most.
    private let bodies: AsyncStream<Body>
    private let input: AsyncStream<Body>.Continuation
    private let state = Mutex(State())

    init() {
        (bodies, input) = AsyncStream.makeStream(of: Body.self, bufferingPolicy: .unbounded)
    }

    /// Runs what was begun, side by side, until this task is cancelled, or ``close()`` was called and all of it has
    /// ended.
    ///
    /// Cancelling cancels what runs and forgets what has not begun; it returns when the last one has ended. Called
    /// once.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await body in bodies {
                group.addTask(operation: body)
            }
            // Also when cancelled: what is begun from now on would never run.
            input.finish()
        }
    }

    /// Takes no more. What was begun goes on.
    func close() {
        input.finish()
    }

    /// Begins a task; returns at once, and answers false if it will never run.
    @discardableResult
    func begin(_ body: @escaping Body) -> Bool {
        if case .enqueued = input.yield(body) { return true }
        return false
    }

    /// Begins a task that ``cancel(_:)`` can end before the others.
    ///
    /// - Parameter body: Gets the handle that is answered.
    func beginCancellable(_ body: @escaping @Sendable (Handle) async -> Void) -> Handle {
        let (cancellation, end) = AsyncStream.makeStream(of: Void.self)
        let handle = state.withLock { state in
            state.lastNumber += 1
            let handle = Handle(number: state.lastNumber)
            state.cancellations[handle] = end
            return handle
        }
        let isBegun = begin { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await body(handle) }
                group.addTask { for await _ in cancellation {} }
                await group.next()
                group.cancelAll()
            }
            cancel(handle)
        }
        if !isBegun { cancel(handle) }
        return handle
    }

    /// Cancels the task; safe to call for one that has ended.
    func cancel(_ handle: Handle) {
        let end = state.withLock { $0.cancellations.removeValue(forKey: handle) }
        end?.finish()
    }
}
