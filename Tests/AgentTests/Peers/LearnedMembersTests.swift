import Mesh
import Primitives
import Testing

@testable import Agent

@Suite("Members that a node has learned of")
struct LearnedMembersTests {
    private static func member(_ number: UInt64, _ address: String) -> Ticket.Member {
        var bytes = [UInt8](repeating: 7, count: 32)
        for position in 0..<8 { bytes[position] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(position))) }
        return Ticket.Member(key: PublicKey(bytes)!, addresses: [address], nodeID: number)
    }

    @Test("a learned member with another address takes its own place, and the list of them is bounded")
    func bounded() {
        let learned = LearnedMembers([Self.member(1, "a:1")])
        #expect(!learned.add([Self.member(1, "a:1")]))
        #expect(learned.add([Self.member(1, "b:1"), Self.member(2, "c:1")]))
        #expect(learned.members == [Self.member(1, "b:1"), Self.member(2, "c:1")])
        _ = learned.add((0..<5000).map { Self.member($0, "x:1") })
        #expect(learned.members.count == LearnedMembers.limit)
        #expect(!learned.add([Self.member(9999, "x:1")]))
        learned.forget()
        #expect(learned.members.isEmpty)
    }
}
