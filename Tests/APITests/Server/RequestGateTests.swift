import Testing

@testable import API

@Suite("The gate of requests")
struct RequestGateTests {
    private static let hour: Int64 = 3_600_000

    @Test("A drain lets no request in, and ends when the last one has left")
    func drained() async {
        let gate = RequestGate()
        #expect(gate.enter())
        async let isDrained = gate.drain(milliseconds: Self.hour)
        while gate.enter() {
            gate.leave()
            await Task.yield()
        }
        gate.leave()
        #expect(await isDrained)
        #expect(!gate.enter())
    }

    @Test("A drain whose time is over says so, and the next one waits again")
    func late() async {
        let gate = RequestGate()
        #expect(gate.enter())
        #expect(await !gate.drain(milliseconds: 1))
        async let isDrained = gate.drain(milliseconds: Self.hour)
        gate.leave()
        #expect(await isDrained)
    }
}
