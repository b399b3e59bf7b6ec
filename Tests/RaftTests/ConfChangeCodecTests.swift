import Primitives
import Raft
import Testing

@Suite("Membership changes as bytes")
struct ConfChangeCodecTests {
    private let samples: [ConfChangeV2] = [
        .leaveJoint,
        ConfChangeV2(changes: [.addVoter(NodeID(1))]),
        ConfChangeV2(transition: .jointExplicit, changes: [.remove(NodeID(300)), .addLearner(NodeID(1 << 40))]),
        ConfChangeV2(transition: .jointImplicit, changes: [.update(NodeID(7))], context: [1, 2, 3]),
        ConfChangeV2(changes: [], context: [9]),
    ]

    @Test("a membership change that was written is read back")
    func roundTrip() throws {
        for sample in samples { #expect(try ConfChangeV2(decoding: sample.encoded()) == sample) }
        let id = NodeID(300)
        for change in [MemberChange.addVoter(id), .addLearner(id), .remove(id), .update(id)] {
            let sample = ConfChange(change, context: [5, 6])
            #expect(try ConfChange(decoding: sample.encoded()) == sample)
            #expect(sample.general.changes == [change])
        }
        #expect(ConfChangeV2.leaveJoint.encoded().isEmpty)
    }

    @Test("the bytes of membership changes stay what they are, because they lie in logs")
    func stableBytes() {
        #expect(ConfChange(.addLearner(NodeID(5)), context: [7]).encoded() == [1, 3, 5, 1, 7])
        let change = ConfChangeV2(transition: .jointExplicit, changes: [.addVoter(NodeID(1)), .remove(NodeID(2))])
        #expect(change.encoded() == [1, 2, 2, 0, 1, 1, 2, 0])
    }

    @Test("bytes of a membership change that end early are refused at every length")
    func truncation() {
        for sample in samples {
            let bytes = sample.encoded()
            // Nothing at all is a change too.
            for length in 0..<bytes.count where length > 0 {
                #expect(throws: DecodingFailure.self) { try ConfChangeV2(decoding: Array(bytes[..<length])) }
            }
        }
    }

    @Test("a flipped bit gives another membership change or a refusal, never a crash")
    func bitFlips() throws {
        for sample in samples {
            let bytes = sample.encoded()
            for bit in 0..<8 * bytes.count {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << (bit % 8)
                do {
                    #expect(try ConfChangeV2(decoding: damaged) != sample)
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
    }

    @Test("node 0 and the local threads are no members", arguments: [0, UInt64.max, UInt64.max - 1])
    func reservedIDs(_ raw: UInt64) {
        var writer = ByteWriter()
        writer.write(UInt8(1))
        writer.write(UInt8(0))
        writer.write(varint: raw)
        writer.write(prefixed: [])
        #expect(throws: DecodingFailure.self) { try ConfChange(decoding: writer.bytes) }
    }
}
