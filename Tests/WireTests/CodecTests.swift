import Fleet
import Manifest
import Primitives
import Raft
import Testing
import Wire

@Suite("Binary forms")
struct CodecTests {
    @Test("every command comes back as it was", arguments: Samples.commands.indices)
    func commands(index: Int) throws {
        var envelope = Samples.envelope(Samples.commands[index].command)
        #expect(try CommandCodec.decode(CommandCodec.encode(envelope)) == envelope)
        envelope.author = nil
        envelope.stamp = WallTime(milliseconds: -1)
        #expect(try CommandCodec.decode(CommandCodec.encode(envelope)) == envelope)
    }

    @Test("every message of every kind that travels comes back as it was")
    func messages() throws {
        for kind in Message.Kind.allCases where !kind.isLocal {
            for sample in Samples.messages {
                var message = sample.message
                message.kind = kind
                #expect(try MessageCodec.decode(MessageCodec.encode(message)) == message)
            }
        }
    }

    @Test("every frame comes back as it was", arguments: Samples.peerMessages.indices)
    func frames(index: Int) throws {
        let message = Samples.peerMessages[index].message
        #expect(try PeerMessageCodec.decode(PeerMessageCodec.encode(message)) == message)
    }

    @Test("equal commands have equal bytes, whatever order their maps are in")
    func canonical() {
        func command(_ labels: [String: String]) -> [UInt8] {
            let put = Put(
                key: Samples.machine, labels: labels, annotations: [:], spec: [], precondition: .none,
                requiredNode: nil)
            let write = WriteCommand(request: Samples.request, baseRevision: 0, mutations: [.put(put)])
            return CommandCodec.encode(Samples.envelope(.write(write)))
        }
        var reversed: [String: String] = [:]
        reversed.reserveCapacity(4096)
        let pairs = (0..<50).map { ("label\($0)", "\($0)") }
        for (key, value) in pairs.reversed() { reversed[key] = value }
        #expect(command(Dictionary(uniqueKeysWithValues: pairs)) == command(reversed))
    }

    @Test("bytes that claim to be a local message are refused")
    func localMessages() {
        let bytes = MessageCodec.encode(Samples.messages[0].message)
        for kind in Message.Kind.allCases where kind.isLocal {
            var forged = bytes
            forged[1] = kind.rawValue
            #expect(throws: DecodingFailure.self) { try MessageCodec.decode(forged) }
        }
    }

    @Test("a local message is never encoded")
    func encodeLocal() async {
        await #expect(processExitsWith: .failure) {
            _ = MessageCodec.encode(Message(.hup, from: NodeID(1), to: NodeID(1)))
        }
    }

    @Test("no message is sent or received as node 0 or as a local thread", arguments: [0, UInt64.max, UInt64.max - 1])
    func nodeIDs(raw: UInt64) {
        var writer = ByteWriter()
        writer.write(raw: [1, Message.Kind.heartbeat.rawValue])
        writer.write(varint: raw)
        writer.write(raw: [2, 3, 0, 0, 0, 0, 0, 0, 0, 0] as [UInt8])
        #expect(throws: DecodingFailure.self) { try MessageCodec.decode(writer.bytes) }
    }

    @Test("unknown versions, commands and frames are told apart from damage")
    func unknown() {
        var command = CommandCodec.encode(Samples.envelope(.promote(id: 1)))
        command[0] = 2
        #expect(throws: DecodingFailure(.unknownVersion(2), offset: 0)) { try CommandCodec.decode(command) }
        #expect(throws: DecodingFailure(.unknownVersion(99), offset: 0)) { try PeerMessageCodec.decode([99, 1]) }
        #expect(throws: DecodingFailure(.unknownVersion(9), offset: 1)) { try PeerMessageCodec.decode([4, 9]) }
        #expect(throws: DecodingFailure(.unknownVersion(0), offset: 0)) { try PeerMessageCodec.decode([0]) }
        #expect(throws: DecodingFailure(.truncated(needed: 1, left: 0), offset: 0)) { try PeerMessageCodec.decode([]) }
    }

    @Test("map keys out of order or twice are refused")
    func mapOrder() {
        func write(_ labels: String) -> [UInt8] {
            var writer = ByteWriter()
            writer.write(raw: [1, 0, 0, 2] as [UInt8])
            writer.write(raw: [UInt8](repeating: 0, count: 16))
            writer.write(raw: [0, 1, 1, 0, 0, 0] as [UInt8])
            writer.write(varint: labels.utf8.count)
            for label in labels.utf8 { writer.write(raw: [1, label, 0]) }
            writer.write(raw: [0, 0, 0, 0] as [UInt8])
            return writer.bytes
        }
        #expect(throws: Never.self) { try CommandCodec.decode(write("ab")) }
        #expect(throws: DecodingFailure.self) { try CommandCodec.decode(write("ba")) }
        #expect(throws: DecodingFailure.self) { try CommandCodec.decode(write("aa")) }
    }

    @Test("a large entry is copied as it is")
    func largeEntry() throws {
        let data = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let message = Message(
            .append, from: NodeID(1), to: NodeID(2), entries: [Entry(term: Term(1), index: LogIndex(1), data: data)])
        let bytes = PeerMessageCodec.encode(.raft(message))
        #expect(bytes.count < data.count + 32)
        #expect(try PeerMessageCodec.decode(bytes) == .raft(message))
    }
}
