import Primitives
import Testing

@testable import Mesh

@Suite struct TicketTests {
    private let ticket: Ticket

    init() throws {
        let keys = [7, 9].map { byte in PublicKey([UInt8](repeating: byte, count: 32)) }
        ticket = try Ticket(
            clusterID: "c-1f2e3d",
            members: [
                Ticket.Member(key: try #require(keys[0]), addresses: ["10.0.0.1:7001", "[fd00::1]:7001"], nodeID: 1),
                Ticket.Member(key: try #require(keys[1]), addresses: ["host-2.lan:7001"], nodeID: 2),
            ],
            secret: Array(0..<16), expiry: WallTime(milliseconds: 1_900_000_000_000))
    }

    @Test("A ticket comes back from its text, also with white space around it or in upper case")
    func roundTrip() throws {
        #expect(try Ticket(ticket.text) == ticket)
        #expect(try Ticket("  \(ticket.text)\n") == ticket)
        #expect(try Ticket(ticket.text.uppercased()) == ticket)
        #expect(ticket.text.hasPrefix("blx1"))
        #expect(ticket.text.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x31...0x37).contains($0) })
    }

    @Test("A ticket cut short anywhere is refused as cut short")
    func truncation() {
        let text = ticket.text
        for length in 0..<text.count {
            let error = #expect(throws: MeshError.self) { try Ticket(String(text.prefix(length))) }
            switch error {
            case .ticket(.prefix): #expect(length < 4)
            case .ticket(.length(let characters, _)): #expect(characters == length)
            default: Issue.record("\(length) characters: \(String(describing: error))")
            }
        }
        #expect(throws: MeshError.self) { try Ticket(text + "a") }
    }

    @Test("A ticket with any wrong character is refused")
    func mistyped() {
        let text = Array(ticket.text)
        for position in text.indices {
            for wrong in "ab7x0!é" where wrong != text[position] {
                var copy = text
                copy[position] = wrong
                #expect(throws: MeshError.self) { try Ticket(String(copy)) }
            }
        }
        var swapped = text
        swapped.swapAt(30, 31)
        #expect(swapped == text || (try? Ticket(String(swapped))) == nil)
    }

    @Test("A ticket with any flipped bit of its content is refused")
    func bitFlips() throws {
        let bytes = try #require(Base32.decode(ticket.text.dropFirst(4)))
        for bit in 0..<bytes.count * 8 {
            var copy = bytes
            copy[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: MeshError.self) { try Ticket("blx1" + Base32.encode(copy)) }
        }
    }

    @Test("A ticket with a good checksum over bad content is refused all the same, at every length")
    func hostileContent() throws {
        let bytes = try #require(Base32.decode(ticket.text.dropFirst(4)))
        for length in 3..<bytes.count - 4 {
            #expect(throws: MeshError.self) { try Ticket(sealed(Array(bytes[..<length]))) }
        }
        var other = Array(bytes.dropLast(4))
        other[0] = 2
        #expect(throws: MeshError.ticket(.unknownVersion(2))) { try Ticket(sealed(other)) }
    }

    @Test("A ticket is good until the moment of its expiry")
    func expiry() throws {
        try ticket.requireCurrent(at: WallTime(milliseconds: ticket.expiry.milliseconds - 1))
        let error = #expect(throws: MeshError.self) { try ticket.requireCurrent(at: ticket.expiry) }
        #expect(error?.description == "the join ticket expired at 2030-03-17T17:46:40Z; ask for a new one")
    }

    @Test("Two secrets are never alike")
    func secrets() {
        let secrets = Set((0..<100).map { _ in Ticket.freshSecret() })
        #expect(secrets.count == 100)
        #expect(secrets.allSatisfy { $0.count == Ticket.secretBytes })
    }

    /// Gives bytes a right length and a right checksum.
    private func sealed(_ bytes: [UInt8]) -> String {
        var bytes = bytes
        let total = bytes.count + 4
        bytes[1] = UInt8(total & 0xff)
        bytes[2] = UInt8(total >> 8)
        var writer = ByteWriter()
        writer.write(raw: bytes)
        writer.write(fixed: CRC32C.checksum(bytes))
        return "blx1" + Base32.encode(writer.bytes)
    }

    @Test("A ticket that would be too large is refused, and one of what fits names every member it can")
    func fitting() throws {
        func member(_ number: Int, _ addresses: [String]) throws -> Ticket.Member {
            let key = try #require(PublicKey([UInt8](repeating: UInt8(number), count: 32)))
            return Ticket.Member(key: key, addresses: addresses, nodeID: UInt64(number))
        }
        let secret = Ticket.freshSecret()
        let expiry = WallTime(milliseconds: .max)
        func offering(_ members: [Ticket.Member]) throws -> Ticket {
            let ticket = try Ticket(clusterID: "c", offering: members, secret: secret, expiry: expiry)
            #expect(try Ticket(ticket.text) == ticket)
            return ticket
        }
        let long = String(repeating: "a", count: 20_000) + ":1"
        #expect(throws: MeshError.self) {
            try Ticket(clusterID: "c", members: [try member(1, [long])], secret: secret, expiry: expiry)
        }
        #expect(throws: MeshError.self) { try offering([try member(1, [long])]) }
        #expect(throws: MeshError.self) { try offering([]) }
        let few = [try member(1, ["a:1", "b:1"]), try member(2, ["c:1"])]
        #expect(try offering(few).members == few)
        // A neighbour's long address costs nobody else a place.
        let mixed = try offering([try member(1, [long]), try member(2, [long, "b:2"]), try member(3, []), few[0]])
        #expect(mixed.members == [try member(2, ["b:2"]), few[0]])
        // As much as any member may say of itself: every one is named, by its first address before others' second.
        let full = try (1...40).map { number in
            try member(number, (0..<16).map { "\($0)" + String(repeating: "h", count: 247) + ":7001" })
        }
        let crowded = try offering(full)
        #expect(crowded.members.count == Ticket.memberLimit)
        #expect(crowded.members.map(\.key) == full.prefix(Ticket.memberLimit).map(\.key))
        #expect(crowded.members.allSatisfy { (1...2).contains($0.addresses.count) })
    }
}
