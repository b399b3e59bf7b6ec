public import Hypervisor
public import Primitives
import Synchronization

/// Gives the calls for one machine their turns, in the order in which they came; different machines don't wait for
/// each other.
public final class MachineTurns: Sendable {
    /// The waiting calls of each machine of which one call is being performed.
    private let queues = Mutex<[UID: [CheckedContinuation<Void, Never>]]>([:])

    public init() {}

    /// Waits until the calls for this machine that came before have ended, and performs `body`.
    ///
    /// - Throws: What `body` throws.
    public func perform<Value>(
        for uid: UID, _ body: () async throws(MachineFailure) -> Value
    ) async throws(MachineFailure) -> Value {
        await wait(for: uid)
        defer { pass(uid) }
        return try await body()
    }

    private func wait(for uid: UID) async {
        await withCheckedContinuation { continuation in
            let isFree = queues.withLock { queues in
                guard queues[uid] != nil else {
                    queues[uid] = []
                    return true
                }
                queues[uid]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func pass(_ uid: UID) {
        let next = queues.withLock { queues -> CheckedContinuation<Void, Never>? in
            guard let queue = queues[uid], !queue.isEmpty else {
                queues[uid] = nil
                return nil
            }
            return queues[uid]?.removeFirst()
        }
        next?.resume()
    }
}
