import Primitives
import Testing

@testable import Mesh

/// The frames with which a stream begins.
@Suite struct StreamFrameTests {
    static let headers = [
        StreamHeader(kind: "x", parameters: [], extent: .open, resume: 0),
        StreamHeader(
            kind: "raft-snapshot", parameters: [UInt8](0...255),
            extent: .exactly(bytes: 1 << 40, checksum: 0xdead_beef),
            resume: 77),
        StreamHeader(
            kind: String(repeating: "k", count: StreamHeader.kindBytes),
            parameters: [UInt8](repeating: 9, count: StreamHeader.parameterBytes),
            extent: .exactly(bytes: .max, checksum: .max), resume: .max),
    ]
    static let answers: [StreamAnswer] = [
        .accepted(StreamAcceptance(parameters: [1, 2, 3], extent: .nothing, resume: 4096)),
        .accepted(StreamAcceptance(parameters: [], extent: .open, resume: 0)),
        .refused(reason: "no room on the disk"), .busy(reason: ""),
    ]

    @Test("A header is read as it was written", arguments: headers)
    func header(_ header: StreamHeader) throws {
        #expect(try StreamHeader(decoding: content(header.frame)) == header)
    }

    @Test("An answer is read as it was written", arguments: answers)
    func answer(_ answer: StreamAnswer) throws {
        #expect(try StreamAnswer(decoding: content(answer.frame)) == answer)
    }

    @Test("A frame that is cut off anywhere, or goes on, is no frame")
    func truncated() {
        for header in Self.headers.prefix(2) {
            let bytes = content(header.frame)
            for count in bytes.indices {
                #expect(throws: DecodingFailure.self) { try StreamHeader(decoding: Array(bytes[..<count])) }
            }
            #expect(throws: DecodingFailure.self) { try StreamHeader(decoding: bytes + [0]) }
        }
        for answer in Self.answers {
            let bytes = content(answer.frame)
            for count in bytes.indices {
                #expect(throws: DecodingFailure.self) { try StreamAnswer(decoding: Array(bytes[..<count])) }
            }
            #expect(throws: DecodingFailure.self) { try StreamAnswer(decoding: bytes + [0]) }
        }
    }

    @Test("A flipped bit gives an error or another frame within bounds, never a crash")
    func flipped() {
        for header in Self.headers.prefix(2) {
            for flipped in flips(content(header.frame)) {
                guard let other = try? StreamHeader(decoding: flipped) else { continue }
                #expect(other != header && (1...StreamHeader.kindBytes).contains(other.kind.utf8.count))
            }
        }
        for answer in Self.answers {
            for flipped in flips(content(answer.frame)) {
                if let other = try? StreamAnswer(decoding: flipped) { #expect(other != answer) }
            }
        }
    }

    @Test("A kind without a name, one that is too long, and too many parameters are refused")
    func bounds() {
        for kind in ["", String(repeating: "k", count: StreamHeader.kindBytes + 1)] {
            var writer = ByteWriter()
            writer.write(StreamHeader.version)
            writer.write(kind)
            writer.write(StreamExtent.open)
            writer.write(varint: 0)
            writer.write(prefixed: [])
            #expect(throws: DecodingFailure.self) { try StreamHeader(decoding: writer.bytes) }
        }
        var writer = ByteWriter()
        writer.write(StreamHeader.version)
        writer.write("k")
        writer.write(StreamExtent.open)
        writer.write(varint: 0)
        writer.write(prefixed: [UInt8](repeating: 0, count: StreamHeader.parameterBytes + 1))
        #expect(throws: DecodingFailure.self) { try StreamHeader(decoding: writer.bytes) }
    }

    @Test("A long reason is cut off")
    func longReason() throws {
        let answer = StreamAnswer.refused(reason: String(repeating: "é", count: 100_000))
        guard case .refused(let reason) = try StreamAnswer(decoding: content(answer.frame)) else {
            Issue.record("not a refusal")
            return
        }
        #expect(reason.count == 500)
    }

    private func content(_ frame: [UInt8]) -> [UInt8] { Array(frame.dropFirst(4)) }

    private func flips(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.indices.flatMap { index in
            (0..<8).map { bit in
                var flipped = bytes
                flipped[index] ^= 1 << bit
                return flipped
            }
        }
    }
}
