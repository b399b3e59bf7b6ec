import Testing

@testable import Simulation

@Suite("Simulations repeat")
struct DeterminismTests {
    @Test("the same seed gives the same trace, line by line, and the same report", arguments: [1, 7] as [UInt64])
    func sameSeed(seed: UInt64) {
        var options = SimulationOptions.usual(nodes: 3)
        options.keepsTrace = true
        var first = SimulationRun(seed: seed, options: options)
        var second = SimulationRun(seed: seed, options: options)
        let (one, other) = (first.run(), second.run())
        #expect(one.trace.count > 1000)
        #expect(one.trace == other.trace)
        #expect(one == other)
    }

    @Test("another seed gives another trace")
    func otherSeed() {
        var first = SimulationRun(seed: 1, options: .usual(nodes: 3))
        var second = SimulationRun(seed: 2, options: .usual(nodes: 3))
        #expect(first.run().traceDigest != second.run().traceDigest)
    }

    @Test("the digest of a trace does not depend on whether its lines are kept")
    func digestAlone() {
        var options = SimulationOptions.usual(nodes: 3)
        var without = SimulationRun(seed: 5, options: options)
        options.keepsTrace = true
        var with = SimulationRun(seed: 5, options: options)
        #expect(without.run().traceDigest == with.run().traceDigest)
    }

    @Test("what is left out of a schedule leaves the rest of it as it was")
    func leftOut() {
        var options = SimulationOptions.usual(nodes: 3)
        let whole = SimulationSchedule(seed: 11, options: options)
        options.pick.withoutKinds = [whole.strikes[0].kind]
        let less = SimulationSchedule(seed: 11, options: options)
        #expect(less.strikes == whole.strikes.filter { $0.kind != whole.strikes[0].kind })
        options.pick = SchedulePick()
        options.pick.strikes = [2]
        #expect(SimulationSchedule(seed: 11, options: options).strikes == [whole.strikes[1]])
        options.pick.strikes = nil
        options.faultMilliseconds /= 2
        let shorter = SimulationSchedule(seed: 11, options: options).strikes
        #expect(shorter == Array(whole.strikes.prefix(shorter.count)) && shorter.count < whole.strikes.count)
    }
}
