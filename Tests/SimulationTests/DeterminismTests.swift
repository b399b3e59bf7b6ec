import Simulation
import Testing

@Suite("Simulations repeat")
struct DeterminismTests {
    @Test("the same seed gives the same trace, line by line, and the same report", arguments: [1, 7, 23] as [UInt64])
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

    @Test("the digest does not depend on whether lines are kept")
    func digestAlone() {
        var options = SimulationOptions.usual(nodes: 3)
        var without = SimulationRun(seed: 5, options: options)
        options.keepsTrace = true
        var with = SimulationRun(seed: 5, options: options)
        #expect(without.run().traceDigest == with.run().traceDigest)
    }
}
