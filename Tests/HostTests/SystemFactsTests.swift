import Primitives
import Testing

@testable import Host

@Suite("What the host is")
struct SystemFactsTests {
    @Test("The host is told with plausible numbers")
    func plausible() throws {
        #expect(SystemFacts.processorCount >= 1)
        #expect(SystemFacts.memoryBytes > 16 << 20)
        #expect(try SystemFacts.freeDiskBytes(at: "/") >= 0)
        #expect(throws: HostError.self) { try SystemFacts.freeDiskBytes(at: "/no/such/place") }
        #expect(SystemFacts.kernelVersion.contains("."))
        #expect(SystemFacts.bootID.utf8.count == 36)
    }

    @Test(
        "The host labels with years that can be written, whatever its clock says",
        arguments: [Int64.min, -1, 0, 1_700_000_000_000, 253_402_300_799_999, .max])
    func labels(milliseconds: Int64) {
        let time = SystemClock.labelling(milliseconds)
        #expect(WallTime(rfc3339: time.rfc3339Milliseconds) == time)
        #expect((0...253_402_300_799_999).contains(milliseconds) == (time.milliseconds == milliseconds))
    }

    @Test("The C library gives large blocks back, and blocks of any size are still to be had")
    func largeBlocks() {
        #expect(FreeMemory.returnLargeBlocks())
        for bytes in [1, 1 << 20, 3 << 20] {
            #expect([UInt8](repeating: 7, count: bytes).allSatisfy { $0 == 7 })
        }
    }

    @Test("The host has a clock that does not go back")
    func clock() {
        let first = SystemClock.now()
        #expect(SystemClock.now() >= first)
        #expect(SystemClock.wallTime().milliseconds > 1_600_000_000_000)
    }
}
