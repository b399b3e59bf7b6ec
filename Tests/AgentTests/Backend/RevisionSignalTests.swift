import Testing

@testable import Agent

@Suite("Waiting for a revision", .timeLimit(.minutes(1)))
struct RevisionSignalTests {
    /// More than any test waits.
    private static let long: Int64 = 3_600_000

    @Test("a wait for a revision ends when there is a higher one, at once if there is one already")
    func raised() async {
        let signal = RevisionSignal()
        async let first = signal.wait(after: 4, milliseconds: Self.long)
        signal.raise(to: 4)
        signal.raise(to: 7)
        #expect(await first == 7)
        signal.raise(to: 6)
        #expect(await signal.wait(after: 6, milliseconds: Self.long) == 7)
    }

    @Test("a wait for a revision ends with its time, with its task and with the signal")
    func ended() async {
        let signal = RevisionSignal()
        #expect(await signal.wait(after: 0, milliseconds: 1) == 0)
        let cancelled = Task { await signal.wait(after: 0, milliseconds: Self.long) }
        cancelled.cancel()
        #expect(await cancelled.value == 0)
        async let closed = signal.wait(after: 0, milliseconds: Self.long)
        signal.close()
        #expect(await closed == 0)
        #expect(await signal.wait(after: 0, milliseconds: Self.long) == 0)
    }
}
