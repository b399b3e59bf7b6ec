import Fleet
import Primitives
import Raft
import Testing
import Wire

@Suite("Damaged bytes")
struct DamageTests {
    private static let forms: [(name: String, bytes: [UInt8], decode: @Sendable ([UInt8]) throws -> [UInt8])] =
        Samples.commands.map { sample in
            (
                sample.name, CommandCodec.encode(Samples.envelope(sample.command)),
                { CommandCodec.encode(try CommandCodec.decode($0)) }
            )
        }
        + Samples.messages.map { sample in
            (
                sample.name, MessageCodec.encode(sample.message),
                { MessageCodec.encode(try MessageCodec.decode($0)) }
            )
        }
        + Samples.peerMessages.map { sample in
            (
                sample.name, PeerMessageCodec.encode(sample.message),
                { PeerMessageCodec.encode(try PeerMessageCodec.decode($0)) }
            )
        }

    @Test("bytes that are cut off anywhere, or that have one too many, are refused")
    func truncation() {
        for form in Self.forms {
            for count in 0..<form.bytes.count {
                #expect(throws: DecodingFailure.self, "\(form.name) cut at \(count)") {
                    try form.decode(Array(form.bytes[..<count]))
                }
            }
            #expect(throws: DecodingFailure.self) { try form.decode(form.bytes + [0]) }
        }
    }

    @Test("a flipped bit is refused, or gives another value that can be written and read again")
    func bitFlips() throws {
        for form in Self.forms {
            for position in form.bytes.indices {
                for bit in 0..<8 {
                    var damaged = form.bytes
                    damaged[position] ^= 1 << UInt8(bit)
                    // Refusing is one of the two right answers.
                    guard let again = try? form.decode(damaged) else { continue }
                    #expect(try form.decode(again) == again)
                }
            }
        }
    }

    @Test("random bytes never trap, and never pass for something large", arguments: 1...4)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if !bytes.isEmpty { bytes[0] = 1 }
            for form in Self.forms.prefix(1) + Self.forms.suffix(1) {
                guard let again = try? form.decode(bytes) else { continue }
                #expect(again.count <= 4 * bytes.count + 16)
            }
        }
    }

    @Test("a count is compared with the bytes that are left before anything is made of it")
    func counts() {
        var writer = ByteWriter()
        writer.write(raw: [1, 0, 0, 2] as [UInt8])
        writer.write(raw: [UInt8](repeating: 0, count: 16))
        writer.write(varint: UInt64(0))
        writer.write(varint: UInt64.max)
        #expect(throws: DecodingFailure.self) { try CommandCodec.decode(writer.bytes) }
    }
}
