import NIOCore
import Primitives
import Testing

@testable import Mesh

@Suite struct PeerFrameTests {
    private let frames: [PeerFrame] = [
        .hello(version: 1, instance: 0x0102_0304_0506_0708), .ping(5), .pong(6), .whole(ByteBuffer(string: "whole")),
        .whole(ByteBuffer()), .begin(total: 8, ByteBuffer(string: "begin")), .more(ByteBuffer(string: "end")),
    ]

    private var bytes: [UInt8] {
        var buffer = ByteBuffer()
        for frame in frames { frame.write(into: &buffer) }
        return Array(buffer.readableBytesView)
    }

    @Test("Frames come back in order, however the bytes are cut")
    func roundTrip() throws {
        for cut in 0...bytes.count {
            var buffer = ByteBuffer(bytes: bytes[..<cut])
            var read: [PeerFrame] = []
            while let frame = try PeerFrame.take(from: &buffer) { read.append(frame) }
            buffer.writeBytes(bytes[cut...])
            while let frame = try PeerFrame.take(from: &buffer) { read.append(frame) }
            #expect(read == frames)
        }
    }

    @Test("No flipped bit makes the reader crash or hold more than it was given")
    func bitFlips() {
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            var buffer = ByteBuffer(bytes: flipped)
            var assembler = MessageAssembler(limit: 1024)
            do throws(DecodingFailure) {
                while let frame = try PeerFrame.take(from: &buffer) {
                    switch frame {
                    case .begin(let total, let part):
                        #expect((try assembler.begin(total: total, part)?.count ?? 0) <= 1024)
                    case .more(let part): #expect((try assembler.more(part)?.count ?? 0) <= 1024)
                    default: break
                    }
                }
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
    }

    @Test("A frame that announces too much, nothing, or the unknown is refused before its body is waited for")
    func wrongFrames() {
        let wrong: [[UInt8]] = [
            [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [1, 0, 4, 0], [1, 0, 0, 0, 9], [2, 0, 0, 0, 1, 0],
            [1, 0, 0, 0, 5], [5, 0, 0, 0, 4, 1, 0, 0, 0], [9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        ]
        for bytes in wrong {
            #expect(throws: DecodingFailure.self, "\(bytes)") {
                var buffer = ByteBuffer(bytes: bytes)
                _ = try PeerFrame.take(from: &buffer)
            }
        }
    }

    @Test("A large message is put together, and one that is too large, too long or out of turn is refused")
    func assembler() throws {
        var assembler = MessageAssembler(limit: 10)
        #expect(try assembler.begin(total: 6, ByteBuffer(bytes: [1, 2])) == nil)
        #expect(throws: DecodingFailure.self) { try assembler.begin(total: 6, ByteBuffer(bytes: [1])) }
        #expect(try assembler.more(ByteBuffer(bytes: [3, 4, 5])) == nil)
        #expect(try assembler.more(ByteBuffer(bytes: [6])) == [1, 2, 3, 4, 5, 6])
        #expect(throws: DecodingFailure.self) { try assembler.more(ByteBuffer(bytes: [7])) }
        #expect(throws: DecodingFailure.self) { try assembler.begin(total: 11, ByteBuffer(bytes: [1])) }
        #expect(try assembler.begin(total: 2, ByteBuffer(bytes: [1])) == nil)
        #expect(throws: DecodingFailure.self) { try assembler.more(ByteBuffer(bytes: [2, 3])) }
    }
}
