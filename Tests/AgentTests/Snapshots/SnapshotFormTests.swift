import Mesh
import Primitives
import Raft
import Testing

@testable import Agent

@Suite("The forms of a snapshot on its way")
struct SnapshotFormTests {
    private var offer: SnapshotOffer {
        let message = SnapshotFixture.message([1, 2, 3, 4], from: 1)
        return SnapshotOffer(message, message.snapshot!, clusterID: "cluster")
    }

    @Test("An offer is read as it was written, without the data, and gives the message back with it")
    func offerForm() throws {
        let message = SnapshotFixture.message([1, 2, 3, 4], from: 1)
        #expect(try SnapshotOffer(decoding: offer.bytes) == offer)
        #expect(offer.message(with: [1, 2, 3, 4]) == message)
        #expect(offer.checksum == CRC32C.checksum([1, 2, 3, 4]) && offer.dataBytes == 4)
        #expect(SnapshotOffer.index(inFileName: offer.fileName) == LogIndex(2))
        #expect(SnapshotOffer.index(inFileName: "snap-2.part") == nil)
    }

    @Test("An offer or a verdict that is cut off anywhere is none, and a flipped bit crashes nobody")
    func hostile() {
        let bytes = offer.bytes
        for count in bytes.indices {
            #expect(throws: DecodingFailure.self) { try SnapshotOffer(decoding: Array(bytes[..<count])) }
        }
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << bit
                if let other = try? SnapshotOffer(decoding: flipped) { #expect(other != offer) }
            }
        }
        for verdict in [SnapshotVerdict.delivered, .refused(reason: "the disk is full")] {
            let bytes = verdict.bytes
            #expect((try? SnapshotVerdict(decoding: bytes)) == verdict)
            for count in bytes.indices {
                #expect(throws: DecodingFailure.self) { try SnapshotVerdict(decoding: Array(bytes[..<count])) }
            }
            #expect(throws: DecodingFailure.self) { try SnapshotVerdict(decoding: bytes + [0]) }
        }
    }

    @Test(
        "Chunks cover the data without gaps, and only their beginnings are places to go on",
        arguments: [
            0, 1, SnapshotChunks.chunkBytes - 1, SnapshotChunks.chunkBytes, SnapshotChunks.chunkBytes + 1,
            3 * SnapshotChunks.chunkBytes,
        ])
    func chunks(count: Int) {
        let chunks = SnapshotChunks(dataBytes: count)
        #expect((0..<chunks.count).reduce(0) { $0 + chunks.range(of: $1).count } == count)
        #expect(chunks.offset(of: chunks.count) == chunks.streamBytes)
        for number in 0...chunks.count {
            #expect(chunks.number(at: chunks.offset(of: number)) == number)
            #expect(chunks.number(at: chunks.offset(of: number) + 1) == nil)
        }
    }

    @Test("A chunk with another byte, of another number or of another length is none")
    func chunkChecksum() {
        let data = [UInt8](repeating: 7, count: 3 * SnapshotChunks.chunkBytes)
        let chunks = SnapshotChunks(dataBytes: data.count)
        var bytes = chunks.encode(1, of: data)
        #expect(chunks.isChunk(bytes[...], number: 1))
        #expect(!chunks.isChunk(bytes[...], number: 0) && !chunks.isChunk(bytes.dropLast(), number: 1))
        bytes[1000] ^= 1
        #expect(!chunks.isChunk(bytes[...], number: 1))
    }
}
