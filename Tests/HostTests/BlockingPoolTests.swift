import Glibc
import Host
import Synchronization
import Testing

@Suite("Blocking work")
struct BlockingPoolTests {
    struct Failure: Error, Equatable {}

    /// A value that several tasks and threads change.
    final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>

        init(_ value: Value) { self.value = Mutex(value) }
    }

    @Test("Blocking work answers values and errors")
    func results() async throws {
        let pool = BlockingPool(named: "test", threads: 2)
        defer { pool.close() }
        #expect(await pool.run { 42 } == 42)
        await #expect(throws: Failure()) { try await pool.run { () throws(Failure) -> Int in throw Failure() } }
    }

    @Test("Blocking work takes at most its number of threads, and all of it is done")
    func bound() async {
        let pool = BlockingPool(named: "test", threads: 3)
        let counts = Shared((now: 0, most: 0, total: 0))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    await pool.run {
                        counts.value.withLock {
                            $0.now += 1
                            $0.total += 1
                            $0.most = max($0.most, $0.now)
                        }
                        usleep(500)
                        counts.value.withLock { $0.now -= 1 }
                    }
                }
            }
        }
        pool.close()
        let seen = counts.value.withLock { $0 }
        #expect(seen.total == 60 && seen.most <= 3 && seen.now == 0)
    }

    @Test("Blocking work leaves the cooperative pool free however long it blocks")
    func freedom() async {
        let pool = BlockingPool(named: "test", threads: 8)
        let isOver = Shared(false)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    await pool.run {
                        while !isOver.value.withLock({ $0 }) { usleep(1000) }
                    }
                }
            }
            // Would never run if the eight held the threads on which tasks run.
            group.addTask { isOver.value.withLock { $0 = true } }
        }
        pool.close()
    }

    @Test("A task is resumed by the first of several events, also by one that comes too early")
    func once() async {
        let early = OnceContinuation<Int>()
        early.resume(returning: 1)
        early.resume(returning: 2)
        #expect(await withCheckedContinuation { early.set($0) } == 1)
        let late = OnceContinuation<Int>()
        let value = await withCheckedContinuation { continuation in
            late.set(continuation)
            late.resume(returning: 3)
            late.resume(returning: 4)
        }
        #expect(value == 3)
    }
}
