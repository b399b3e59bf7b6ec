import Primitives
import Testing

@Suite struct Base32And64Tests {
    @Test(
        "The examples of RFC 4648 section 10, base32 in lower case and without padding",
        arguments: [
            ("", "", ""), ("f", "Zg==", "my"), ("fo", "Zm8=", "mzxq"), ("foo", "Zm9v", "mzxw6"),
            ("foob", "Zm9vYg==", "mzxw6yq"), ("fooba", "Zm9vYmE=", "mzxw6ytb"), ("foobar", "Zm9vYmFy", "mzxw6ytboi"),
        ])
    func examples(_ text: String, _ base64: String, _ base32: String) {
        #expect(Base64.encode(text.utf8) == base64)
        #expect(Base64.decode(base64) == Array(text.utf8))
        #expect(Base32.encode(text.utf8) == base32)
        #expect(Base32.decode(base32) == Array(text.utf8))
        #expect(Base32.decode(base32.uppercased()) == Array(text.utf8))
    }

    @Test("Every length of random bytes comes back", arguments: [1, 2, 3])
    func roundTrip(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base32.decode(Base32.encode(bytes)) == bytes)
        }
    }

    @Test("No two texts mean the same bytes: padding, length and left-over bits must be right")
    func canonical() {
        for text in ["Zg=", "Zg", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 8=", "Zm8-", "=Zg="] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
        for text in ["m", "mz", "mzx", "mzxr", "my======", "m1", "mzxw6y", "é"] {
            #expect(Base32.decode(text) == nil, "\(text)")
        }
    }
}
