import NIOCore
import Primitives
import Testing

@testable import Mesh

/// What a stream makes of bytes that arrive in any pieces.
@Suite struct StreamInboxTests {
    private let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    @Test("All announced bytes and their checksum make an end, from any held prefix on", arguments: [0, 1, 500, 1000])
    func whole(held: Int) {
        var inbox = opened(holding: held)
        for piece in bytes.dropFirst(held) { inbox.received(ByteBuffer(bytes: [piece])) }
        #expect(drain(&inbox) == Array(bytes.dropFirst(held)))
        #expect(inbox.takeBytes() == .nothing)
        inbox.ended()
        #expect(inbox.takeBytes() == .end)
    }

    @Test("One byte more than announced is a violation, before or after the last one was taken")
    func more() {
        var inbox = opened(holding: 0)
        inbox.received(ByteBuffer(bytes: bytes + [1]))
        #expect(inbox.takeBytes() == .failure(.violation("more bytes than were announced")))
        var later = opened(holding: 0)
        later.received(ByteBuffer(bytes: bytes))
        _ = drain(&later)
        later.received(ByteBuffer(bytes: [1]))
        #expect(later.takeBytes() == .failure(.violation("more bytes than were announced")))
    }

    @Test("An end before the last byte is a cut that says how many are missing", arguments: [0, 1, 999])
    func fewer(arrived: Int) {
        var inbox = opened(holding: 0)
        inbox.received(ByteBuffer(bytes: bytes.prefix(arrived)))
        inbox.ended()
        #expect(drain(&inbox).count == arrived)
        #expect(inbox.takeBytes() == .failure(.cut(missing: UInt64(1000 - arrived))))
    }

    @Test("What arrived before a connection was cut can still be read")
    func cut() {
        var inbox = opened(holding: 0)
        inbox.received(ByteBuffer(bytes: bytes.prefix(10)))
        inbox.cut()
        inbox.received(ByteBuffer(bytes: [1]))
        #expect(drain(&inbox) == Array(bytes.prefix(10)))
        #expect(inbox.takeBytes() == .failure(.cut(missing: 990)))
    }

    @Test("Other bytes than announced, or another prefix than was held, fail by the checksum")
    func checksum() {
        var inbox = opened(holding: 0)
        var wrong = bytes
        wrong[500] ^= 1
        inbox.received(ByteBuffer(bytes: wrong))
        inbox.ended()
        _ = drain(&inbox)
        #expect(inbox.takeBytes() == .failure(.checksum))

        var other = StreamInbox()
        other.expect(
            .exactly(bytes: 1000, checksum: CRC32C.checksum(bytes)), holding: HeldPrefix(bytes: 500, checksum: 1))
        other.received(ByteBuffer(bytes: bytes.dropFirst(500)))
        other.ended()
        _ = drain(&other)
        #expect(other.takeBytes() == .failure(.checksum))
    }

    @Test("A first frame is taken in any pieces, and what follows it are bytes")
    func frame() {
        let header = StreamFrameTests.headers[1]
        var inbox = StreamInbox()
        for byte in header.frame {
            #expect(inbox.takeFrame() == .nothing)
            inbox.received(ByteBuffer(bytes: [byte]))
        }
        inbox.received(ByteBuffer(string: "after"))
        #expect(inbox.takeFrame() == .bytes(Array(header.frame.dropFirst(4))))
        inbox.expect(.open, holding: .none)
        #expect(inbox.takeBytes() == .bytes(Array("after".utf8)))
    }

    @Test("A first frame of no or too many bytes is refused by its length", arguments: [0, 65_537, UInt32.max])
    func frameLength(_ length: UInt32) {
        var inbox = StreamInbox()
        inbox.received(ByteBuffer(integer: length, endianness: .little))
        #expect(inbox.takeFrame() == .failure(.violation("a first frame of \(length) bytes")))
    }

    @Test("A trickle is no progress, and what moves enough starts the waiting anew")
    func stall() {
        var clock = StallClock(limitMilliseconds: 100, progressBytes: 10)
        #expect(clock.waited(60) == nil)
        clock.moved(9)
        #expect(clock.waited(39) == nil)
        clock.moved(1)
        #expect(clock.waited(60) == nil)
        clock.moved(9)
        #expect(clock.waited(40) == 100)
        var patient = StallClock(limitMilliseconds: nil, progressBytes: 1)
        #expect(patient.waited(1 << 40) == nil)
    }

    private func opened(holding held: Int) -> StreamInbox {
        var inbox = StreamInbox()
        inbox.expect(
            .exactly(bytes: 1000, checksum: CRC32C.checksum(bytes)),
            holding: HeldPrefix(bytes: UInt64(held), checksum: CRC32C.checksum(bytes.prefix(held))))
        return inbox
    }

    private func drain(_ inbox: inout StreamInbox) -> [UInt8] {
        var all: [UInt8] = []
        while case .bytes(let bytes) = inbox.takeBytes() { all += bytes }
        return all
    }
}
