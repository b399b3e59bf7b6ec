import Host
import Synchronization
import Testing

@Suite("Timed waits")
struct TimedWaitTests {
    private static let hour: Int64 = 3_600_000

    @Test("An answer ends the wait, also one that is there at once, and only the first counts")
    func answers() async {
        let early = await TimedWait.answer(milliseconds: Self.hour) { once in
            once.resume(returning: 1)
            once.resume(returning: 2)
        }
        #expect(early == 1)
        let late = await TimedWait.answer(milliseconds: Self.hour) { once in
            Task { once.resume(returning: 3) }
        }
        #expect(late == 3)
    }

    @Test(
        "Without an answer the wait ends by itself, and an answer that comes later is dropped", arguments: [-1, 0, 1])
    func timeOver(milliseconds: Int64) async {
        var kept: OnceContinuation<Int?>?
        let answer = await TimedWait.answer(milliseconds: milliseconds) { kept = $0 }
        #expect(answer == nil)
        kept?.resume(returning: 1)
    }

    @Test("A cancelled task waits on for its answer")
    func cancelled() async {
        let begun = OnceContinuation<OnceContinuation<Int?>>()
        let task = Task {
            await TimedWait.answer(milliseconds: Self.hour) { begun.resume(returning: $0) }
        }
        task.cancel()
        let once = await withCheckedContinuation { begun.set($0) }
        once.resume(returning: 7)
        #expect(await task.value == 7)
    }

    @Test("A body that ends in time gives its result, and ends the limit")
    func result() async {
        #expect(await TimedWait.result(milliseconds: Self.hour) { 1 } == 1)
        let wasCancelled = Mutex(false)
        let value = await TimedWait.result(of: { 2 }) {
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                wasCancelled.withLock { $0 = true }
            }
        }
        #expect(value == 2)
        #expect(wasCancelled.withLock { $0 })
    }

    @Test("A body that takes longer is cancelled, and has ended when the wait has")
    func limit() async {
        let hasEnded = Mutex(false)
        let value = await TimedWait.result(milliseconds: 1) {
            // Throws when it is cancelled.
            try? await Task.sleep(for: .seconds(3600))
            hasEnded.withLock { $0 = true }
            return 1
        }
        #expect(value == nil)
        #expect(hasEnded.withLock { $0 })
    }
}
