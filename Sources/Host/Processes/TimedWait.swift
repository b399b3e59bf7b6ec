/// Waits that end after a time at the latest, whatever is waited for.
public enum TimedWait {
    /// Begins something that is answered by a call, and waits for the answer, but not longer than this.
    ///
    /// A cancelled task waits on: a caller that ends a process gives it its time also then.
    ///
    /// - Parameters:
    ///   - milliseconds: If it is not positive, only an answer that comes at once is certain to be taken.
    ///   - begin: Called once, before the wait. It keeps the continuation for whatever answers, from any thread; an
    ///     answer that comes too late is dropped.
    /// - Returns: Nil if the time was over first.
    public static func answer<Value: Sendable>(
        milliseconds: Int64, begin: (OnceContinuation<Value?>) -> Void
    ) async -> Value? {
        let once = OnceContinuation<Value?>()
        let timer = Task {
            // Cancelled when the answer came first.
            guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else { return }
            once.resume(returning: nil)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            once.set(continuation)
            begin(once)
        }
    }

    /// Runs `body`, but not longer than this.
    ///
    /// - Returns: Nil if the time was over first, or the task is cancelled. `body` is cancelled then, and has ended.
    public static func result<Value: Sendable>(
        milliseconds: Int64, of body: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await result(of: body) { try await Task.sleep(for: .milliseconds(milliseconds)) }
    }

    /// Runs `body`, but not longer than `limit` takes, which is cancelled when `body` has ended.
    public static func result<Value: Sendable>(
        of body: @escaping @Sendable () async -> Value, within limit: @escaping @Sendable () async throws -> Void
    ) async -> Value? {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await body() }
            group.addTask {
                // It throws when it is cancelled: `body` has ended, or the caller waits no more.
                try? await limit()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
