import JSONText
import Primitives
import Testing

@testable import API

@Suite("Members of canonical text")
struct CanonicalMembersTests {
    @Test("Every value is found where the parser finds it")
    func agreesWithParser() throws {
        let text =
            #"{"a":"x","b":-12,"c":true,"d":null,"e":{"a":"no","q":"}"},"f":["{","]"],"g":"a\"b\\","h":[],"i":{}}"#
        let bytes = Array(text.utf8)
        let members = CanonicalMembers(bytes)
        #expect(members.string("a") == "x")
        #expect(members.integer("b") == -12)
        #expect(members.bool("c") == true)
        #expect(members.object("e")?.string("q") == "}")
        #expect(members.firstString("f") == "{")
        #expect(members.firstString("h") == nil)
        #expect(members.string("g") == "a\"b\\")
        #expect(members["i"].map(Array.init) == Array("{}".utf8))
        #expect(members["nothing"] == nil)
        #expect(members.string("b") == nil)
    }

    @Test("Truncated and broken text never traps", arguments: 0..<64)
    func hostileText(_ seed: UInt64) {
        let text = Array(#"{"a":"x\"","b":{"c":[1,2,{"d":"e"}]},"f":"\\","g":[["h"]]}"#.utf8)
        for end in 0...text.count {
            var bytes = Array(text[..<end])
            var generator = SeededGenerator(seed: seed)
            if !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &generator)] ^=
                    1 << UInt8.random(in: 0...7, using: &generator)
            }
            let members = CanonicalMembers(bytes)
            _ = (members.string("a"), members.object("b"), members.firstString("g"), members.string("f"))
        }
    }
}
