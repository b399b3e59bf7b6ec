import Primitives
import Reconcile
import Testing

@Suite("The work queue")
struct WorkQueueTests {
    @Test("the work queue hands out a key once, when its moment has come, and again only after it was finished")
    func order() {
        var queue = WorkQueue<String>()
        queue.add("b", at: Instant(milliseconds: 5))
        queue.add("a", at: Instant(milliseconds: 5))
        queue.add("a", at: Instant(milliseconds: 9))
        queue.add("c", at: Instant(milliseconds: 50))
        #expect(queue.take(now: Instant(milliseconds: 4)) == [])
        #expect(queue.take(now: Instant(milliseconds: 5)) == ["a", "b"])
        queue.add("a", at: Instant(milliseconds: 5))
        #expect(queue.take(now: Instant(milliseconds: 10)) == [])
        queue.finish("a")
        #expect(queue.take(now: Instant(milliseconds: 10)) == ["a"])
        #expect(queue.nextDue == Instant(milliseconds: 50))
    }
}
