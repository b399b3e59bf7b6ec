import Fleet
import Primitives
import Raft

extension ByteReader {
    /// - Precondition: Not a message of consensus, which ``MessageCodec`` reads.
    mutating func readPeerMessage(_ kind: PeerMessageCodec.Kind) throws(DecodingFailure) -> PeerMessage {
        switch kind {
        case .raft: preconditionFailure("a message of consensus has a codec of its own")
        case .proposal:
            .proposal(
                ForwardedProposal(
                    request: try readRequest(), author: try readPublicKey(), command: try readCommand()))
        case .writeFailed:
            .writeFailed(ForwardedFailure(request: try readRequest(), failure: try readFailure()))
        case .liveness:
            .liveness(
                Liveness(
                    term: try readVarint(), leader: try readVarint(),
                    nodes: try readList { reader throws(DecodingFailure) in
                        NodeLiveness(
                            id: try reader.readVarint(), silentMilliseconds: try reader.readSigned(),
                            roundTripMicroseconds: try reader.readOptional { reader throws(DecodingFailure) in
                                try reader.readSigned()
                            },
                            lag: try reader.readVarint())
                    }))
        }
    }
}
