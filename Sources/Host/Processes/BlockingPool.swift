import Glibc

/// Runs blocking closures on threads of its own and lets tasks await them.
///
/// Threads are started as they are needed, up to a limit, and kept. Work beyond the limit waits in order.
public final class BlockingPool: @unchecked Sendable {
    // Guarded by `mutex`; unchecked because a condition variable can't be put into a `Mutex`.
    private var work: [@Sendable () -> Void] = []
    /// Threads that wait for work, and threads in all: at most `limit`.
    private var idle = 0
    private var threads = 0
    /// Set once; then threads end when the work that is there is done, and no more is taken.
    private var isClosed = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let name: String
    private let limit: Int

    public init(named name: String, threads limit: Int) {
        precondition(limit > 0, "a pool of \(limit) threads does nothing")
        self.name = name
        self.limit = limit
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        // Threads hold the pool while they live, so none is left here.
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` on a thread of the pool. Cancelling the task does not interrupt it.
    ///
    /// - Throws: What `body` throws.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            enqueue {
                let result: Result<Value, Failure>
                do throws(Failure) {
                    result = .success(try body())
                } catch {
                    result = .failure(error)
                }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    /// Runs `body` on a thread of the pool; a task that is cancelled gives up the wait, not the work.
    ///
    /// For what may never end, such as reading from a file system that does not answer: its thread stays taken then.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before the work is done, and what `body` throws.
    public func runUnlessCancelled<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let once = OnceContinuation<Result<Value, any Error>>()
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                once.set(continuation)
                enqueue { once.resume(returning: Result { try body() }) }
            }
        } onCancel: {
            once.resume(returning: .failure(CancellationError()))
        }.get()
    }

    /// Has `body` run on a thread of the pool, after what was given before, and returns at once. It tells its end
    /// itself.
    public func submit(_ body: @escaping @Sendable () -> Void) {
        enqueue(body)
    }

    /// Lets the threads end once the waiting work is done. No work may be given afterwards.
    public func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    private func enqueue(_ item: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        precondition(!isClosed, "pool \(name) is closed")
        work.append(item)
        let startsThread = idle < work.count && threads < limit
        if startsThread { threads += 1 }
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
        if startsThread { OwnThread.start(named: name) { self.serve() } }
    }

    private func serve() {
        pthread_mutex_lock(mutex)
        while true {
            while work.isEmpty && !isClosed {
                idle += 1
                pthread_cond_wait(condition, mutex)
                idle -= 1
            }
            guard !work.isEmpty else { break }
            let item = work.removeFirst()
            pthread_mutex_unlock(mutex)
            item()
            pthread_mutex_lock(mutex)
        }
        threads -= 1
        pthread_mutex_unlock(mutex)
    }
}
