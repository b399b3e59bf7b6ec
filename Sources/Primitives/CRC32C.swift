/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of journal and snapshots.
///
/// Check value: the nine ASCII digits `123456789` give `E306_9283`.
public struct CRC32C: Sendable {
    private var state: UInt32

    /// Starts a checksum, or continues one: `CRC32C(continuing: a.value)` over `b` equals one pass over `a` then `b`.
    public init(continuing value: UInt32 = 0) {
        state = ~value
    }

    public var value: UInt32 { ~state }

    public mutating func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { update(buffer: UnsafeRawBufferPointer($0)) }
        if done == nil {
            for byte in bytes { state = Self.tables[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8) }
        }
    }

    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }

    /// Eight bytes a step ("slicing by 8").
    public mutating func update(buffer: UnsafeRawBufferPointer) {
        var crc = state
        var position = 0
        let count = buffer.count
        Self.tables.withUnsafeBufferPointer { table in
            while count - position >= 8 {
                let word = buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian ^ UInt64(crc)
                crc = 0
                for lane in 0..<8 {
                    let byte = Int(truncatingIfNeeded: (word >> UInt64(8 * lane)) & 0xff)
                    crc ^= table[(7 - lane) << 8 | byte]
                }
                position += 8
            }
            while position < count {
                crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ buffer[position])] ^ (crc >> 8)
                position += 1
            }
        }
        state = crc
    }

    /// Eight tables of 256: table `k` advances a byte past `k` further zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1 }
            tables[byte] = crc
        }
        for index in 256..<8 * 256 {
            let previous = tables[index - 256]
            tables[index] = tables[Int(previous & 0xff)] ^ (previous >> 8)
        }
        return tables
    }()
}
