import Fleet
import Primitives
import Raft
import Testing
import Wire

/// Bytes that a released program may have written. A change that breaks one of these breaks every log and every mixed
/// cluster: add a new form under a new number instead.
@Suite("Bytes that must never change")
struct GoldenTests {
    @Test("the bytes of commands never change", arguments: Samples.commands.indices)
    func commands(index: Int) {
        let sample = Samples.commands[index]
        let bytes = CommandCodec.encode(Samples.envelope(sample.command))
        #expect(Hex.encode(bytes) == GoldenBytes.commands[sample.name], "\(sample.name)")
    }

    @Test("the bytes of consensus messages never change", arguments: Samples.messages.indices)
    func messages(index: Int) {
        let sample = Samples.messages[index]
        #expect(Hex.encode(MessageCodec.encode(sample.message)) == GoldenBytes.messages[sample.name], "\(sample.name)")
    }

    @Test("the bytes of frames between peers never change", arguments: Samples.peerMessages.indices)
    func frames(index: Int) {
        let sample = Samples.peerMessages[index]
        let bytes = PeerMessageCodec.encode(sample.message)
        #expect(Hex.encode(bytes) == GoldenBytes.frames[sample.name], "\(sample.name)")
    }

    @Test("kinds of consensus messages keep their numbers")
    func kinds() {
        let travelling = Message.Kind.allCases.filter { !$0.isLocal }
        #expect(travelling.map(\.rawValue) == [2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 16, 17, 18, 23])
    }
}
