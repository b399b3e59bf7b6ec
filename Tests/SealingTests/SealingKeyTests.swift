import Fleet
import Manifest
import Primitives
import Sealing
import Testing

@Suite("Sealed values")
struct SealingKeyTests {
    private static let secret = ObjectKey(kind: "Secret", namespace: "default", name: "db")
    private static let key = SealingKey(version: 1, bytes: Array(0..<32))

    @Test("a value opens as what was sealed, whatever its length", arguments: [0, 1, 15, 16, 17, 1000, 100_000])
    func roundTrip(count: Int) throws {
        let key = try #require(Self.key)
        let value = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let sealed = key.seal(value, of: Self.secret, named: "password")
        #expect(key.open(sealed, of: Self.secret, named: "password") == value)
        #expect(sealed.valueCount == count)
        #expect(SealedValue(sealed.text) == sealed)
    }

    @Test("the same value at the same place is sealed to the same bytes, and nowhere else to these")
    func synthetic() throws {
        let key = try #require(Self.key)
        let value = Array("hunter2".utf8)
        let sealed = key.seal(value, of: Self.secret, named: "password")
        #expect(key.seal(value, of: Self.secret, named: "password") == sealed)
        var others = [
            key.seal(Array("hunter3".utf8), of: Self.secret, named: "password"),
            key.seal(value, of: Self.secret, named: "token"),
            key.seal(value, of: ObjectKey(kind: "Secret", namespace: "other", name: "db"), named: "password"),
            key.seal(value, of: ObjectKey(kind: "Secret", namespace: "default", name: "db2"), named: "password"),
            // The parts of a place do not run together.
            key.seal(value, of: ObjectKey(kind: "Secret", namespace: "defaultd", name: "b"), named: "password"),
            SealingKey.random(version: 1).seal(value, of: Self.secret, named: "password"),
        ]
        others.append(sealed)
        #expect(Set(others.map(\.bytes)).count == others.count)
        #expect(Set(others.map { Array($0.bytes.prefix(12)) }).count == others.count, "a nonce is used once")
    }

    @Test("a sealed value opens only at its place, by its key and whole")
    func bound() throws {
        let key = try #require(Self.key)
        let sealed = key.seal(Array("hunter2".utf8), of: Self.secret, named: "password")
        #expect(key.open(sealed, of: Self.secret, named: "token") == nil)
        #expect(
            key.open(sealed, of: ObjectKey(kind: "Secret", namespace: "x", name: "db"), named: "password") == nil)
        #expect(SealingKey.random(version: 1).open(sealed, of: Self.secret, named: "password") == nil)
        #expect(
            key.open(SealedValue(version: 2, bytes: sealed.bytes), of: Self.secret, named: "password") == nil)
        for length in 0..<sealed.bytes.count {
            let short = SealedValue(version: 1, bytes: Array(sealed.bytes.prefix(length)))
            #expect(key.open(short, of: Self.secret, named: "password") == nil)
        }
        for bit in 0..<(8 * sealed.bytes.count) {
            var bytes = sealed.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            let flipped = SealedValue(version: 1, bytes: bytes)
            #expect(key.open(flipped, of: Self.secret, named: "password") == nil)
        }
    }

    @Test("a sealed value is the same in each program and on each machine")
    func golden() throws {
        let key = try #require(Self.key)
        let sealed = key.seal(Array("hunter2".utf8), of: Self.secret, named: "password")
        #expect(sealed.text == "1.Vd+8sagL809xXWh98wXwT2ADObI/2DyGa6cRv7hmHschK5s=")
        #expect(
            Hex.encode(key.record.fingerprint) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd")
    }

    @Test("a key has 32 bytes and a version that a cluster can have, and is never printed")
    func bounds() {
        #expect(SealingKey(version: 0, bytes: Array(0..<32)) == nil)
        #expect(SealingKey(version: 1_000_000_000, bytes: Array(0..<32)) == nil)
        #expect(SealingKey(version: 1, bytes: Array(0..<31)) == nil)
        #expect(SealingKey(version: 1, bytes: []) == nil)
        #expect(Self.key.map { "\($0)" } == "key 1 for secrets")
    }
}
