import Primitives
import Testing

@Suite struct TextFormTests {
    @Test(
        "Times are written and read as RFC 3339",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_769_903_999_000, "2026-01-31T23:59:59Z"),
            (-1000, "1969-12-31T23:59:59Z"), (253_402_300_799_000, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func times(milliseconds: Int64, text: String) {
        #expect(WallTime(milliseconds: milliseconds).rfc3339 == text)
        #expect(WallTime(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test("Days of eight centuries go there and back")
    func days() {
        // Eleven days a step meet every day of every month, and keep the test short.
        let wrong = stride(from: Int64(-146_097), through: 146_097, by: 11).filter { day in
            let time = WallTime(milliseconds: day * 86_400_000 + 3_723_000)
            return WallTime(rfc3339: time.rfc3339) != time
        }
        #expect(wrong == [])
    }

    @Test("Fractions of a second are read to the millisecond")
    func fractions() {
        #expect(WallTime(rfc3339: "1970-01-01T00:00:00.5Z")?.milliseconds == 500)
        #expect(WallTime(rfc3339: "1970-01-01T00:00:00.123456789Z")?.milliseconds == 123)
    }

    @Test(
        "Text that is no time is refused",
        arguments: [
            "", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+01:00",
            "2026-01-0aT00:00:00Z",
        ])
    func noTimes(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test("Uids are version 8 UUIDs and go there and back")
    func uids() throws {
        let uid = UID(cluster: "c", index: 0x12_3456_789a_bcde, position: 0xabcdef)
        let text = uid.description
        #expect(text.utf8.count == 36)
        #expect(Array(text)[14] == "8")
        #expect("89ab".contains(Array(text)[19]))
        #expect(UID(text) == uid)
        #expect(UID(text.uppercased()) == uid)
        #expect(uid.short == "123456789abcde-abcdef")
        #expect(UID("no uid") == nil)
        #expect(UID(text.replacing("-", with: "")) == nil)
    }

    @Test("Objects of a cluster never share a uid")
    func distinctUIDs() {
        var seen: Set<UID> = []
        for index in UInt64(0)..<300 {
            for position in 0..<20 {
                #expect(seen.insert(UID(cluster: "c", index: index, position: position)).inserted)
            }
        }
        #expect(UID(cluster: "c", index: 1, position: 0) != UID(cluster: "d", index: 1, position: 0))
    }

    @Test("Hexadecimal, base32 and base64 go there and back at every length")
    func encodings() {
        var generator = SeededGenerator(seed: 2)
        for length in 0..<70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
            #expect(Base32.decode(Base32.encode(bytes)) == bytes)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Hex.encode([0, 0x1f, 0xff]) == "001fff")
        #expect(Hex.decode("00F") == nil)
        #expect(Hex.decode("0g") == nil)
    }

    @Test("Base32 and base64 have the values of RFC 4648 section 10")
    func published() {
        #expect(
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map { Base64.encode($0.utf8) }
                == ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"])
        #expect(
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map { Base32.encode($0.utf8) }
                == ["", "my", "mzxq", "mzxw6", "mzxw6yq", "mzxw6ytb", "mzxw6ytboi"])
        #expect(["Zh==", "Zg=", "Z===", "Zg==Zg==", "Z*==", "===="].allSatisfy { Base64.decode($0) == nil })
        #expect(["mz", "m", "m1"].allSatisfy { Base32.decode($0) == nil })
    }

    @Test("Public keys are 32 bytes and 64 digits")
    func publicKeys() {
        let bytes = (0..<32).map { UInt8($0) }
        #expect(PublicKey(bytes).map(\.description) == Hex.encode(bytes))
        #expect(PublicKey(hex: Hex.encode(bytes))?.bytes == bytes)
        #expect(PublicKey(hex: "00") == nil)
        #expect(PublicKey(Array(bytes.dropLast())) == nil)
        #expect(PublicKey(bytes)?.short == "0001020304")
    }
}
