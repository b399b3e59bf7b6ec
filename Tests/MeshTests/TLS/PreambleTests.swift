import NIOCore
import Primitives
import Testing

@testable import Mesh

@Suite struct PreambleTests {
    private let preamble = Preamble(status: .notAdmitted, reason: "no manifest names you")

    @Test("A preamble comes back, and what follows it is left alone")
    func roundTrip() throws {
        var buffer = ByteBuffer(bytes: preamble.bytes + [1, 2, 3])
        #expect(try Preamble.take(from: &buffer) == preamble)
        #expect(Array(buffer.readableBytesView) == [1, 2, 3])
    }

    @Test("A part of a preamble is waited for, never misread")
    func truncation() throws {
        for length in 0..<preamble.bytes.count {
            var buffer = ByteBuffer(bytes: preamble.bytes[..<length])
            #expect(try Preamble.take(from: &buffer) == nil)
            #expect(buffer.readableBytes == length)
        }
    }

    @Test("A flipped bit gives an error, a wait or another reason, never a welcome")
    func bitFlips() {
        for bit in 0..<preamble.bytes.count * 8 {
            var bytes = preamble.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            var buffer = ByteBuffer(bytes: bytes)
            let read = try? Preamble.take(from: &buffer)
            // The bit that tells refusal from welcome is the one exception that one bit can't guard.
            #expect(bit == 5 * 8 || read?.status != .welcome)
        }
    }

    @Test("A long reason is shortened to what a dialer accepts")
    func longReason() throws {
        var buffer = ByteBuffer(
            bytes: Preamble(status: .busy, reason: String(repeating: "ä", count: 5000)).bytes)
        #expect(try Preamble.take(from: &buffer)?.reason == String(repeating: "ä", count: 200))
    }
}
