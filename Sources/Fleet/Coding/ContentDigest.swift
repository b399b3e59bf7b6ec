import Primitives

/// A 64-bit digest of bytes, eight at a time: the same in every process and on every machine.
///
/// It tells replicas apart that should be equal. It is no protection against an attacker who wants a collision.
enum ContentDigest {
    private static let multiplier: UInt64 = 0x9fb2_1c65_1e98_df25

    static func of(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { buffer in
            var state = UInt64(buffer.count) &* multiplier ^ 0x6c62_272e_07bb_0142
            var offset = 0
            while offset + 8 <= buffer.count {
                let word = UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                state = spread(state ^ word)
                offset += 8
            }
            var tail: UInt64 = 0
            for position in stride(from: buffer.count - 1, through: offset, by: -1) {
                tail = tail << 8 | UInt64(buffer[position])
            }
            return spread(spread(state ^ tail))
        }
    }

    /// The digest of what `body` writes.
    static func of(_ body: (inout ByteWriter) -> Void) -> UInt64 {
        var writer = ByteWriter(capacity: 512)
        body(&writer)
        return of(writer.bytes)
    }

    private static func spread(_ value: UInt64) -> UInt64 {
        let product = value &* multiplier
        return product ^ (product >> 29)
    }
}
