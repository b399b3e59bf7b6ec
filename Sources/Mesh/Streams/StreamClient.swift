import NIOCore
import Primitives

/// Opens streams to nodes.
public struct StreamClient: Sendable {
    private let dialer: Dialer
    private let settings: StreamSettings

    /// - Parameter dialer: Its loops carry the bytes; give it some that nothing urgent lives on.
    public init(dialer: Dialer, settings: StreamSettings) {
        self.dialer = dialer
        self.settings = settings
    }

    /// Dials, announces, and runs `body` with the open stream, which is closed when that returns or throws.
    ///
    /// - Parameters:
    ///   - prefix: What is held already of the listener's bytes.
    ///   - silenceMilliseconds: How long a listener may stay silent whose bytes have an open end; nil sets no limit.
    /// - Throws: ``StreamFailure``, and what `body` throws.
    public func withStream<Value: Sendable>(
        to target: DialTarget, kind: String, parameters: [UInt8], sending extent: StreamExtent,
        holding prefix: HeldPrefix, silenceMilliseconds: Int64?,
        _ body: (ByteStream) async throws -> Value
    ) async throws -> Value {
        let header = StreamHeader(kind: kind, parameters: parameters, extent: extent, resume: prefix.bytes)
        let (ends, peer) = try await connect(target)
        defer { ends.close() }
        let acceptance = try await greet(ends, header)
        guard extent.contains(acceptance.resume), acceptance.extent.contains(prefix.bytes) else {
            throw StreamFailure.violation("it begins at a byte that does not exist")
        }
        ends.onLoop {
            $0.open(
                receiving: acceptance.extent, holding: prefix, silenceMilliseconds: silenceMilliseconds,
                sending: extent.left(after: acceptance.resume))
        }
        return try await body(
            ByteStream(
                peer: peer, incoming: acceptance.extent, resume: acceptance.resume, outgoing: extent,
                parameters: acceptance.parameters, ends: ends))
    }

    private func connect(_ target: DialTarget) async throws(StreamFailure) -> (StreamEnds, PublicKey) {
        do throws(MeshError) {
            let settings = settings
            let connection = try await dialer.dial(
                target, alpn: .stream, timeoutMilliseconds: settings.dialMilliseconds
            ) { channel in
                channel.eventLoop.makeCompletedFuture { try StreamEnds.install(in: channel, settings: settings) }
            }
            return (connection.value, connection.peer)
        } catch {
            throw .unreachable(error)
        }
    }

    private func greet(_ ends: StreamEnds, _ header: StreamHeader) async throws(StreamFailure) -> StreamAcceptance {
        try await ends.write { $0.writeFrame(header.frame, $1) }
        let content: [UInt8]
        switch await ends.read({ $0.readFrame($1) }) {
        case .bytes(let bytes): content = bytes
        case .failure(let failure): throw failure
        case .end, .nothing: throw .cut(missing: nil)
        }
        let answer: StreamAnswer
        do throws(DecodingFailure) {
            answer = try StreamAnswer(decoding: content)
        } catch {
            throw .violation("its answer to the header: \(error)")
        }
        switch answer {
        case .accepted(let acceptance): return acceptance
        case .refused(let reason): throw .refused(reason: reason)
        case .busy(let reason): throw .busy(reason: reason)
        }
    }
}
