import Primitives
import Testing

@Suite struct ChecksumTests {
    @Test("CRC-32C has its published values")
    func published() {
        #expect(CRC32C.checksum("123456789".utf8) == 0xe306_9283)
        // RFC 3720 appendix B.4.
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.checksum(0..<32) == 0x46dd_794e)
        #expect(CRC32C.checksum([] as [UInt8]) == 0)
    }

    @Test("A checksum continued at any place equals one pass")
    func continued() {
        var generator = SeededGenerator(seed: 1)
        let bytes = (0..<100).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let whole = CRC32C.checksum(bytes)
        for place in 0...bytes.count {
            var crc = CRC32C(continuing: CRC32C.checksum(bytes[..<place]))
            crc.update(bytes[place...])
            #expect(crc.value == whole)
        }
    }

    @Test("Every flipped bit changes the checksum")
    func flips() {
        let bytes = Array("a record of the journal".utf8)
        let whole = CRC32C.checksum(bytes)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(CRC32C.checksum(flipped) != whole)
        }
    }

    @Test("The stable hash is the same in every process and keeps neighbours apart")
    func stableHash() {
        var left = StableHash()
        left.combine("ab")
        left.combine("c")
        var right = StableHash()
        right.combine("a")
        right.combine("bc")
        #expect(left.value != right.value)
        #expect(left.value == 5_201_498_502_206_346_341)
    }
}
