import Hypervisor
import Primitives
import Testing

@testable import Agent

@Suite("Machines that are left without a node")
struct LeftMachinesTests {
    @Test("Machines left without a node get the grace that they were started with, and 30 s where that is unknown")
    func grace() {
        let now = Instant(milliseconds: 1)
        var seen = MachineObservation(uid: UID(high: 1, low: 1), state: .running, observedAt: now)
        #expect(LeftMachines.graceMilliseconds(of: seen) == 30_000)
        seen.graceMilliseconds = 90_000
        #expect(LeftMachines.graceMilliseconds(of: seen) == 90_000)
    }
}
