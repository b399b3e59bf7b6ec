import Primitives
import Replica
import Testing

@testable import Simulation

@Suite("Clocks")
struct ClockTests {
    @Test("T40: civil time that jumps on every node each second elects nobody")
    func jumps() {
        var strikes: [SimulationSchedule.Strike] = []
        for second in 1..<60 {
            for chance in 0..<3 {
                strikes.append(
                    SimulationSchedule.Strike(
                        number: strikes.count + 1, afterMilliseconds: Int64(second) * 1000, kind: .clockJump,
                        chance: UInt64(second * 3 + chance)))
            }
        }
        var run = SimulationRun.perfect(nodes: 3, strikes: strikes)
        let report = run.run()
        #expect(report.violations == [])
        #expect(report.faultsByKind == [.clockJump: strikes.count])
        #expect(report[.elections] == 1)
    }

    @Test("T40: a thousand ticks that one node misses at a stretch cost at most one election", arguments: 0..<3)
    func missedTicks(node: Int) throws {
        var run = SimulationRun.perfect(nodes: 3, strikes: [])
        try run.form()
        let before = run.ledger.leaders.count
        run.nodes[node].agent?.ticksAreStalled = true
        try run.runUntil(run.now + 100_000) { _ in false }
        run.nodes[node].agent?.ticksAreStalled = false
        try run.runUntil(run.now + 20_000) { _ in false }
        #expect(run.ledger.leaders.count <= before + 1)
        #expect(run.newestLeader != nil)
    }

    @Test(
        "T40: a node that was stopped for a hundred seconds comes back with one tick, and elects nobody",
        arguments: 0..<3)
    func stopped(node: Int) throws {
        var run = SimulationRun.perfect(nodes: 3, strikes: [])
        try run.form()
        let before = run.ledger.leaders.count
        let agent = try #require(run.nodes[node].agent?.run)
        run.nodes[node].agent?.isPaused = true
        try run.runUntil(run.now + 100_000) { _ in false }
        try run.resume(agent)
        try run.runUntil(run.now + 20_000) { _ in false }
        #expect(run.ledger.leaders.count <= before + 1)
        #expect(run.newestLeader != nil)
    }

    @Test("a clock that is ten in a hundred off shows so, and never goes back")
    func rates() {
        var clock = NodeClock()
        var last = clock.now(at: .zero)
        for step in 1..<1000 as Range<Int64> {
            if step % 7 == 0 { clock.setRate(900 + step % 200, at: Instant(milliseconds: step * 10)) }
            let now = clock.now(at: Instant(milliseconds: step * 10))
            #expect(now >= last)
            last = now
        }
        var fast = NodeClock()
        fast.setRate(1100, at: .zero)
        #expect(fast.now(at: Instant(milliseconds: 1000)) == Instant(milliseconds: 1100))
        #expect(fast.trueMilliseconds(1100) == 1000)
    }
}
