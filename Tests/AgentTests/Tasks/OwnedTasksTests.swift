import Synchronization
import Testing

@testable import Agent

@Suite("Tasks that belong to one run loop")
struct OwnedTasksTests {
    /// Waits until it is cancelled.
    private static func untilCancelled() async {
        let (never, input) = AsyncStream.makeStream(of: Void.self)
        for await _ in never {}
        withExtendedLifetime(input) {}
    }

    @Test("owned tasks that are begun early run later, and the loop ends when it is closed and the last task has ended")
    func closed() async {
        let tasks = OwnedTasks()
        let count = Mutex(0)
        for _ in 0..<3 { #expect(tasks.begin { count.withLock { $0 += 1 } }) }
        tasks.close()
        await tasks.run()
        #expect(count.withLock { $0 } == 3)
        #expect(!tasks.begin { count.withLock { $0 += 1 } })
    }

    @Test("an owned task that is cancelled ends, and the others go on", .timeLimit(.minutes(1)))
    func cancelledAlone() async {
        let tasks = OwnedTasks()
        let (ends, input) = AsyncStream.makeStream(of: Int.self)
        async let running: Void = tasks.run()
        let first = tasks.beginCancellable { _ in
            await Self.untilCancelled()
            input.yield(1)
        }
        let second = tasks.beginCancellable { _ in
            await Self.untilCancelled()
            input.yield(2)
        }
        var ended = ends.makeAsyncIterator()
        tasks.cancel(second)
        #expect(await ended.next() == 2)
        tasks.cancel(second)
        tasks.cancel(first)
        #expect(await ended.next() == 1)
        tasks.close()
        await running
    }

    @Test("cancelling the loop of owned tasks cancels each of them and waits for the last", .timeLimit(.minutes(1)))
    func cancelledTogether() async {
        let tasks = OwnedTasks()
        let (begins, input) = AsyncStream.makeStream(of: Void.self)
        let ended = Mutex(0)
        let owner = Task { await tasks.run() }
        for _ in 0..<3 {
            _ = tasks.beginCancellable { _ in
                input.yield()
                await Self.untilCancelled()
                ended.withLock { $0 += 1 }
            }
        }
        var begun = begins.makeAsyncIterator()
        for _ in 0..<3 { await begun.next() }
        owner.cancel()
        await owner.value
        #expect(ended.withLock { $0 } == 3)
        #expect(!tasks.begin {})
    }
}
