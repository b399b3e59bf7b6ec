import Glibc
import Primitives
import Raft
import Testing
import Wire

/// Frames that no program of this cluster writes.
@Suite("Hostile frames")
struct HostileFrameTests {
    private static let rounds = getenv("BLIXARD_WIRE_FUZZ").flatMap { Int(String(cString: $0)) } ?? 60_000
    private static let frames = Samples.peerMessages.map { (name: $0.name, bytes: PeerMessageCodec.encode($0.message)) }

    @Test("T47: a frame of an unknown kind or version is refused as that, whatever follows")
    func unknownVersions() throws {
        for frame in Self.frames {
            for number in UInt8.min ... .max where ![1, 2, 4, 6].contains(number) {
                var bytes = frame.bytes
                bytes[0] = number
                #expect(throws: DecodingFailure(.unknownVersion(UInt64(number)), offset: 0)) {
                    try PeerMessageCodec.decode(bytes)
                }
            }
            // Every kind has a version byte of its own behind it.
            for version in UInt8.min ... .max where version != frame.bytes[1] {
                var bytes = frame.bytes
                bytes[1] = version
                #expect(throws: DecodingFailure(.unknownVersion(UInt64(version)), offset: 1), "\(frame.name)") {
                    try PeerMessageCodec.decode(bytes)
                }
            }
        }
    }

    @Test("T47: a length or a number of any size, at any place, makes nothing large")
    func hostileSizes() {
        let numbers: [UInt64] = [1 << 20, 1 << 31, 1 << 32, (1 << 62) - 1, 1 << 62, 1 << 63, .max]
        var passed = 0
        for frame in Self.frames {
            for place in 1..<frame.bytes.count {
                for number in numbers {
                    var writer = ByteWriter()
                    writer.write(raw: Array(frame.bytes[..<place]))
                    writer.write(varint: number)
                    writer.write(raw: Array(frame.bytes[(place + 1)...]))
                    // Refusing is one of the two right answers.
                    guard let message = try? PeerMessageCodec.decode(writer.bytes) else { continue }
                    passed += 1
                    #expect(PeerMessageCodec.encode(message).count <= 2 * writer.bytes.count)
                }
            }
        }
        #expect(passed > 0)
    }

    private static func node() -> RaftNode {
        var configuration = Configuration(id: NodeID(1), electionTicks: 10, heartbeatTicks: 1)
        configuration.asynchronousStorageWrites = true
        configuration.checkQuorum = true
        configuration.preVote = true
        configuration.applied = LogIndex(1)
        let members = ConfState(voters: [1, 2, 3].map { NodeID($0) }, learners: [NodeID(4)])
        let storage = MemoryStorage(
            hardState: HardState(term: Term(1), vote: nil, commit: LogIndex(1)),
            snapshot: Snapshot(
                metadata: SnapshotMetadata(index: LogIndex(1), term: Term(1), confState: members), data: []),
            entries: [])
        return RaftNode(configuration: configuration, storage: storage, generator: SeededGenerator(seed: 1))
    }

    /// Does what the node wants done.
    private static func work(_ node: inout RaftNode) {
        while node.hasReady {
            for message in node.ready().messages {
                if message.to == .appendThread { _ = node.completeAppend(message) }
                guard message.to == .applyThread else { continue }
                for entry in message.entries where entry.isMembershipChange {
                    // A change that can't be made changes nothing.
                    _ = try? node.applyConfChange(in: entry)
                }
                node.completeApply(message)
            }
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ chance: inout SeededGenerator) {
        let place = Int.random(in: 0..<bytes.count, using: &chance)
        switch Int.random(in: 0..<5, using: &chance) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 1: bytes[place] = UInt8.random(in: 0...4, using: &chance)
        case 2: bytes[place] = .random(in: .min ... .max, using: &chance)
        case 3: bytes.insert(.random(in: .min ... .max, using: &chance), at: place)
        default:
            var writer = ByteWriter()
            let near: [UInt64] = [1 << 62, (1 << 62) - 1, .max, .max - 1, 1 << 40]
            writer.write(varint: near.randomElement(using: &chance)!)
            bytes.replaceSubrange(place...place, with: writer.bytes)
        }
    }

    @Test(
        "T47: whatever of a damaged frame can be read stops no node that takes it", arguments: 0..<10 as Range<UInt64>)
    func damagedFrames(_ seed: UInt64) {
        var chance = SeededGenerator(seed: seed)
        var node = Self.node()
        var taken = 0
        var refused = 0
        for round in 0..<Self.rounds / 10 {
            if round.isMultiple(of: 200) { node = Self.node() }
            var bytes = MessageCodec.encode(Samples.messages.randomElement(using: &chance)!.message)
            for _ in 0..<Int.random(in: 1...3, using: &chance) { Self.damage(&bytes, &chance) }
            do {
                try node.step(MessageCodec.decode(bytes))
                taken += 1
            } catch {
                refused += 1
            }
            node.tick()
            Self.work(&node)
        }
        #expect(taken > 0 && refused > 0)
    }

    @Test("T47: a node that is no member answers for no member, and speaks for none")
    func strangers() {
        var node = Self.node()
        let before = node
        for kind in [Message.Kind.appendResponse, .voteResponse, .preVoteResponse, .heartbeatResponse] {
            let frame = MessageCodec.encode(Message(kind, from: NodeID(77), to: NodeID(1), term: Term(9)))
            #expect(throws: RaftError.unknownPeer(NodeID(77))) { try node.step(MessageCodec.decode(frame)) }
        }
        #expect(node == before)
    }
}
