import Fleet
import Manifest
import Primitives
import Raft
import Testing
import Wire

/// Prints what it measured; slow machines make no test fail.
@Suite("How fast the codecs are", .serialized)
struct SpeedTests {
    @Test("a write of 1,000 machines, and the message that carries it, are encoded and decoded")
    func write() throws {
        let spec = Array(repeating: UInt8(ascii: "x"), count: 300)
        let mutations = (0..<1000).map { number in
            Mutation.put(
                Put(
                    key: ObjectKey(kind: "VirtualMachine", namespace: "default", name: "machine-number-\(number)"),
                    labels: ["app": "web", "tier": "\(number % 7)"], annotations: [:], spec: spec,
                    precondition: .none, requiredNode: nil))
        }
        let envelope = Samples.envelope(
            .write(WriteCommand(request: Samples.request, baseRevision: 1, mutations: mutations)))
        let clock = ContinuousClock()
        var bytes: [UInt8] = []
        let encoding = clock.measure { bytes = CommandCodec.encode(envelope) }
        let start = clock.now
        let decoded = try CommandCodec.decode(bytes)
        let decoding = clock.now - start
        #expect(decoded == envelope)
        let message = Message(
            .append, from: NodeID(1), to: NodeID(2), entries: [Entry(term: Term(1), index: LogIndex(1), data: bytes)])
        var frame: [UInt8] = []
        let framing = clock.measure { frame = PeerMessageCodec.encode(.raft(message)) }
        let received = clock.now
        let unframed = try PeerMessageCodec.decode(frame)
        let unframing = clock.now - received
        #expect(unframed == .raft(message))
        print("wire: \(bytes.count) bytes: encode \(encoding), decode \(decoding)")
        print("wire: their message: encode \(framing), decode \(unframing)")
    }
}
