import Fleet
public import Primitives

/// The frames between replicas.
///
/// The first byte says what a frame is, and never changes its meaning; the rest is of that kind, with a version byte of
/// its own. A frame of a kind that a program does not know fails as an unknown version, which a receiver may pass over:
/// nothing that must arrive is said in a new kind before the level allows it.
public enum PeerMessageCodec {
    enum Kind: UInt8 {
        case raft = 1
        case proposal = 2
        // 3 and 5 were forms of a failure, and are used for nothing else.
        case liveness = 4
        case writeFailed = 6
    }

    static let formatVersion: UInt8 = 1

    public static func encode(_ message: PeerMessage) -> [UInt8] {
        switch message {
        case .raft(let message): [Kind.raft.rawValue] + MessageCodec.encode(message)
        case .proposal(let proposal):
            frame(.proposal) { writer in
                writer.write(request: proposal.request)
                writer.write(publicKey: proposal.author)
                writer.write(command: proposal.command)
            }
        case .writeFailed(let failed):
            frame(.writeFailed) { writer in
                writer.write(request: failed.request)
                writer.write(failure: failed.failure)
            }
        case .liveness(let liveness):
            frame(.liveness) { writer in
                writer.write(varint: liveness.term)
                writer.write(varint: liveness.leader)
                writer.write(list: liveness.nodes) { writer, node in
                    writer.write(varint: node.id)
                    writer.write(signed: node.silentMilliseconds)
                    writer.write(optional: node.roundTripMicroseconds) { $0.write(signed: $1) }
                    writer.write(varint: node.lag)
                }
            }
        }
    }

    /// Reads what ``encode(_:)`` wrote. Total, like ``CommandCodec/decode(_:)``.
    ///
    /// - Throws: For bytes that no frame has, and for an unknown kind or format version, both as an unknown version.
    public static func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> PeerMessage {
        var reader = ByteReader(bytes)
        let number = try reader.readByte()
        guard let kind = Kind(rawValue: number) else {
            throw DecodingFailure(.unknownVersion(UInt64(number)), offset: 0)
        }
        if kind == .raft {
            do throws(DecodingFailure) {
                return .raft(try MessageCodec.decode(try reader.readRaw(reader.remaining)))
            } catch {
                throw DecodingFailure(error.reason, offset: error.offset + 1)
            }
        }
        let version = try reader.readByte()
        guard version == formatVersion else { throw DecodingFailure(.unknownVersion(UInt64(version)), offset: 1) }
        let message = try reader.readPeerMessage(kind)
        try reader.finish()
        return message
    }

    private static func frame(_ kind: Kind, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.write(kind.rawValue)
        writer.write(formatVersion)
        body(&writer)
        return writer.bytes
    }
}
