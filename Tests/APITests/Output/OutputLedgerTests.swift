import Primitives
import Testing

@testable import API

@Suite("What is held for readers, counted")
struct OutputLedgerTests {
    private let bounds = OutputLedger.Bounds(bytes: 1000, bytesOfKey: 600, patienceMilliseconds: 100)
    private let start = Instant.zero

    private func share(_ peer: PublicKey, _ revision: UInt64, _ question: String = "/list") -> OutputLedger.Share {
        OutputLedger.Share(peer: peer, revision: revision, question: question)
    }

    @Test("What was held is given back, whatever ended")
    func givenBack() {
        var ledger = OutputLedger(bounds: bounds)
        let (one, two) = (ledger.open(Samples.viewer), ledger.open(Samples.viewer))
        #expect(ledger.ask(one, bytes: 100, share: nil, now: start) == .granted(ending: []))
        #expect(ledger.ask(two, bytes: 50, share: share(Samples.viewer, 7), now: start) == .granted(ending: []))
        ledger.beginWrite(one, bytes: 30, now: start)
        ledger.beginWrite(two, bytes: 20, now: start)
        #expect(ledger.total == 200)
        ledger.endWrite(one, bytes: 30)
        ledger.dropShare(two)
        #expect(ledger.total == 120)
        ledger.close(one)
        ledger.close(two)
        ledger.close(two)
        ledger.endWrite(two, bytes: 20)
        #expect(ledger.total == 0)
        #expect(ledger.bytes(of: Samples.viewer) == 0)
        #expect(ledger.streamCount == 0)
    }

    @Test("What an answer asked for and does not need is given back, and what is being written is not")
    func shrunk() {
        var ledger = OutputLedger(bounds: bounds)
        let stream = ledger.open(Samples.viewer)
        #expect(ledger.ask(stream, bytes: 500, share: nil, now: start) == .granted(ending: []))
        ledger.beginWrite(stream, bytes: 30, now: start)
        ledger.shrink(stream, to: 600)
        #expect(ledger.total == 530)
        ledger.shrink(stream, to: 100)
        #expect(ledger.total == 130)
        ledger.shrink(stream, to: -1)
        #expect(ledger.total == 30)
        ledger.close(stream)
        ledger.shrink(stream, to: 0)
        #expect(ledger.total == 0 && ledger.bytes(of: Samples.viewer) == 0)
    }

    @Test("The same question at the same revision is held once, until the last of its readers is done")
    func shared() {
        var ledger = OutputLedger(bounds: bounds)
        let streams = (0..<5).map { _ in ledger.open(Samples.viewer) }
        for stream in streams {
            #expect(ledger.ask(stream, bytes: 400, share: share(Samples.viewer, 7), now: start) == .granted(ending: []))
        }
        #expect(ledger.total == 400)
        for stream in streams.dropLast() { ledger.close(stream) }
        #expect(ledger.total == 400)
        ledger.close(streams[4])
        #expect(ledger.total == 0)
    }

    @Test("A key that holds too much is refused, and another key is not")
    func oneKey() {
        var ledger = OutputLedger(bounds: bounds)
        let (one, two, other) = (
            ledger.open(Samples.viewer), ledger.open(Samples.viewer), ledger.open(Samples.admin)
        )
        #expect(ledger.ask(one, bytes: 500, share: nil, now: start) == .granted(ending: []))
        #expect(ledger.ask(two, bytes: 200, share: nil, now: start) == .refused)
        #expect(ledger.ask(other, bytes: 200, share: nil, now: start) == .granted(ending: []))
        #expect(ledger.total == 700)
        #expect(ledger.refused == 1)
    }

    @Test("What alone is more than a key may hold counts as that much, so that it has room in an idle node")
    func huge() {
        var ledger = OutputLedger(bounds: bounds)
        let stream = ledger.open(Samples.viewer)
        #expect(ledger.ask(stream, bytes: .max, share: nil, now: start) == .granted(ending: []))
        #expect(ledger.total == 600)
        #expect(ledger.ask(ledger.open(Samples.viewer), bytes: -5, share: nil, now: start) == .granted(ending: []))
    }

    @Test("Readers that have taken nothing for longest make room, those of the key itself first")
    func stalled() {
        var ledger = OutputLedger(bounds: bounds)
        let streams = (0..<3).map { _ in ledger.open(Samples.viewer) }
        for (number, stream) in streams.enumerated() {
            #expect(ledger.ask(stream, bytes: 190, share: nil, now: start) == .granted(ending: []))
            ledger.beginWrite(stream, bytes: 5, now: start + Int64(10 * (3 - number)))
        }
        let other = ledger.open(Samples.admin)
        #expect(ledger.ask(other, bytes: 300, share: nil, now: start) == .granted(ending: []))
        ledger.beginWrite(other, bytes: 10, now: start)
        let new = ledger.open(Samples.viewer)
        #expect(ledger.ask(new, bytes: 150, share: nil, now: start + 50) == .refused)
        // The reader of another key has waited longer, but it is this key that holds too much.
        #expect(ledger.ask(new, bytes: 150, share: nil, now: start + 1000) == .granted(ending: [streams[2]]))
        #expect(ledger.bytes(of: Samples.viewer) == 540)
        #expect(ledger.bytes(of: Samples.admin) == 310)
        // The node as a whole is full: then it is whoever has waited longest.
        let third = ledger.open(Samples.stranger)
        #expect(ledger.ask(third, bytes: 400, share: nil, now: start + 1000) == .granted(ending: [other]))
        #expect(ledger.ended == 2)
        #expect(ledger.total == 940)
    }

    @Test("No reader is ended when that would make no room, or while it still takes something")
    func noVictims() {
        var ledger = OutputLedger(bounds: bounds)
        let (stalled, reading) = (ledger.open(Samples.viewer), ledger.open(Samples.viewer))
        #expect(ledger.ask(stalled, bytes: 100, share: nil, now: start) == .granted(ending: []))
        #expect(ledger.ask(reading, bytes: 500, share: nil, now: start) == .granted(ending: []))
        ledger.beginWrite(stalled, bytes: 0, now: start)
        ledger.beginWrite(reading, bytes: 0, now: start + 950)
        #expect(ledger.ask(ledger.open(Samples.viewer), bytes: 200, share: nil, now: start + 1000) == .refused)
        #expect(ledger.ended == 0)
        #expect(ledger.total == 600)
    }
}
