import Glibc
public import Primitives

/// A value behind a lock, with a condition that a thread can wait for.
///
/// `Synchronization.Mutex` has no condition variable, and a thread that waits for work needs one.
public final class Monitor<Value>: @unchecked Sendable {
    // Unchecked, because the compiler can't see that `value` is only touched while `lock` is held.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    public init(_ value: sending Value) {
        self.value = value
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Deadlines must not move when the host's time is set.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(&value)
    }

    /// Changes the value and wakes all waiting threads.
    public func change(_ body: (inout Value) -> Void) {
        withLock(body)
        pthread_cond_broadcast(changed)
    }

    /// What ``wait(_:)`` does next.
    public enum Next<Result> {
        case done(Result)
        /// Look again after a change, and at the latest at this moment of the monotonic clock.
        case wait(until: Instant?)
    }

    /// Looks at the value until `look` is done; the lock is free while it waits.
    public func wait<Result>(_ look: (inout Value) -> Next<Result>) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            switch look(&value) {
            case .done(let result): return result
            case .wait(nil): pthread_cond_wait(changed, lock)
            case .wait(let deadline?):
                var time = timespec()
                time.tv_sec = Int(deadline.milliseconds / 1000)
                time.tv_nsec = Int(deadline.milliseconds % 1000) * 1_000_000
                pthread_cond_timedwait(changed, lock, &time)
            }
        }
    }
}
