import Host
import Primitives
import Testing

@Suite("What the host is")
struct SystemFactsTests {
    @Test("is told with plausible numbers")
    func plausible() throws {
        #expect(SystemFacts.processorCount >= 1)
        #expect(SystemFacts.memoryBytes > 16 << 20)
        #expect(try SystemFacts.freeDiskBytes(at: "/") >= 0)
        #expect(throws: HostError.self) { try SystemFacts.freeDiskBytes(at: "/no/such/place") }
        #expect(SystemFacts.kernelVersion.contains("."))
        #expect(SystemFacts.bootID.utf8.count == 36)
    }

    @Test("has a clock that does not go back")
    func clock() {
        let first = SystemClock.now()
        #expect(SystemClock.now() >= first)
        #expect(SystemClock.wallTime().milliseconds > 1_600_000_000_000)
    }
}
